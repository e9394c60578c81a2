-- Takes the due rows of this transaction off the list: they are locked, so their place (ctid) still holds them.
--
-- $1 places.
-- Run by outrider_worker.
delete from outrider.due where ctid = any ($1::tid[])
