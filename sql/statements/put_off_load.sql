-- The audience could not be read: a worker tries again later. $1 load, $2 holder, $3 seconds, $4 why.
-- Run by outrider_worker.
select outrider.put_off_load($1::integer, $2::uuid, $3::double precision, $4::text)
