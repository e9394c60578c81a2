-- Schedules that a worker must look at, locked for its transaction. $1 at most so many.
-- Run by outrider_worker.
select * from outrider.due_schedules($1::integer)
