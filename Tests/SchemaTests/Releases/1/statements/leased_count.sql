-- Attempts that a worker is at right now.
-- Run by outrider_gateway, outrider_operator.
select coalesce(sum(cardinality(job_ids)), 0)::bigint as count from outrider.leases
