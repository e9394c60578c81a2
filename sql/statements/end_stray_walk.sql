-- Gives jobs their due rows back.
--
-- $1 jobs, $2 where the next search goes on.
-- Run by outrider_worker.
select outrider.end_stray_walk($1::bigint[], $2::bigint) as mended
