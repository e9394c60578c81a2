-- How many jobs of each key are sealed, among so many after one of them. $1 the job, $2 how many are looked at.
-- Run by outrider_operator.
select keys, waiting::text[] as waiting, ended::text[] as ended, until from outrider.sealed_jobs($1::bigint, $2::integer)
