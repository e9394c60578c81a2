-- One lease for the looks that a worker begins.
--
-- $1 worker, $2 jobs, $3 generations, $4 steps, $5 ladders, $6 reasons.
-- Run by outrider_worker.
insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
values ($1, $2::bigint[], $3::integer[], $4::smallint[], $5::integer[], $6::text[])
returning id as lease_id
