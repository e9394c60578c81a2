-- A backfill that is to be worked on, locked for the transaction of a worker.
-- Run by outrider_worker.
select * from outrider.due_backfill()
