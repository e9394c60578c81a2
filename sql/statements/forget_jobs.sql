-- Takes content and addresses out of jobs that have ended. $1 their ids, $2 the address.
-- Run by outrider_operator.
select outrider.forget_jobs($1::text[]::bigint[], $2::text) as count
