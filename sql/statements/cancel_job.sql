-- Cancels a job. $1 id.
-- Run by outrider_operator.
select outrider.cancel($1::bigint) as result
