-- All that is kept about jobs, each as JSON. $1 their ids.
-- Run by outrider_operator.
select id::text as id, record from outrider.export_jobs($1::text[]::bigint[])
