-- The jobs to an address, among a part of all. $1 address, $2 after this job, $3 how many jobs are looked at.
-- Run by outrider_operator.
select ids::text[] as ids, under_way::text[] as under_way, until from outrider.jobs_of_address($1::text, $2::bigint, $3::integer)
