-- Locks what enforced caps count these messages under until the transaction ends, and says what they have counted.
--
-- $1 caps, $2 jobs, $3 tenants, $4 channels, $5 addresses, $6 costs.
-- Run by outrider_worker.
select claim, key, weight, is_counted, used, frees, now_us
  from outrider.cap_room($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[])
