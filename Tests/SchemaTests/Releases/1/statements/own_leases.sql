-- The batches that the database says a worker holds. $1 worker.
-- Run by outrider_worker.
select id from outrider.leases where worker = $1 order by id limit 10000
