-- Looks at some jobs of a campaign's earlier waves, and asks again for those that were not reached. $1 load, $2 holder.
-- Run by outrider_worker.
select outrider.retry_part($1::integer, $2::uuid) as looked
