-- Numbers that are remembered as dead, the newest first. $1 the most, $2 an address, or null for all.
-- Run by outrider_operator.
select address, channel, class, code, job_id::text as job, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
       to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until
  from outrider.list_dead($1::integer, $2::text)
