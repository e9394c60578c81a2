-- Looks at a schedule again later. $1 schedule, $2 seconds, $3 why.
-- Run by outrider_worker.
select outrider.put_off_schedule($1::integer, $2::double precision, $3::text)
