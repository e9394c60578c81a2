-- Searches among the newest jobs, and among a part of the others. It may take long, so it is a transaction of its own that
-- writes nothing.
--
-- $1 after which job.
-- Run by outrider_worker.
select strays::text[] as strays, until from outrider.find_strays($1::bigint)
