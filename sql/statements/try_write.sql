-- Tries whether the database takes a write. Nothing of it stays.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select outrider.try_write() as is_taken
