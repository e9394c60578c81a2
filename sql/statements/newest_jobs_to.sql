-- The newest jobs to an address, among the newest of all jobs: no index leads from an address to its jobs.
--
-- $1 the address, in lower case, $2 how many of the newest jobs are looked at, $3 the most that are found.
-- Run by outrider_gateway, outrider_operator.
select j.id, j.kind, j.category, to_char(j.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
  from (select id, kind, category, created_at, address, phone, email from outrider.jobs order by id desc limit $2::integer) j
 where j.phone = $1 or lower(j.address) = $1 or lower(j.email) = $1
 order by j.id desc limit $3::integer
