-- Holds the first due row of a lane, of which nothing can be read, or which takes too long to read: it must not keep those
-- behind it from being read. Nothing of its job is looked at.
--
-- Only the very first row: where somebody else has locked it, he is trying it just now, and the one behind it is innocent.
--
-- One that a person has released already is not held again: it is looked at again in a minute.
--
-- $1 lane, $2 floor µs, $3 floor job id, $4 why, $5 worker.
-- Run by outrider_worker.
with first as materialized (
    select ctid from outrider.due
     where lane = $1::integer and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint) and at <= statement_timestamp()
     order by at, job_id limit (select 1)
), pick as materialized (
    select ctid, due.* from outrider.due where ctid = any (array(select ctid from first)) for update skip locked
), gone as (
    delete from outrider.due where ctid = any (array(select ctid from pick))
), held as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, worker, reason)
    select job_id, generation, 'held', 'held', step, ladder_id, $5, $4 from pick
    on conflict do nothing
    returning job_id
), again as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select clock_timestamp() + interval '1 minute', job_id, lane, reason, step, generation, ladder_id, cost
      from pick p
     where not exists (select from held)
       and exists (select from outrider.events r
                    where r.job_id = p.job_id and r.generation = p.generation and r.kind = 'released' offset 0)
)
select job_id from held
