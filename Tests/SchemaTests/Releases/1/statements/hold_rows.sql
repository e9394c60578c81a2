-- Holds the jobs of due rows that this transaction has locked: a person must decide.
--
-- A person may have decided about one already, and its row still cannot be read. It is not held again, and not forgotten
-- either: it is looked at again in a minute.
--
-- $1 places, $2 why, $3 worker.
-- Run by outrider_worker.
with gone as (
    delete from outrider.due where ctid = any ($1::tid[]) returning ctid as place, due.*
), held as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, worker, reason)
    select g.job_id, g.generation, 'held', 'held', g.step, g.ladder_id, $3, a.why
      from gone g join unnest($1::tid[], $2::text[]) as a (place, why) using (place)
     order by g.job_id, g.generation
    on conflict do nothing returning job_id, generation
)
insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
select clock_timestamp() + interval '1 minute', job_id, lane, reason, step, generation, ladder_id, cost
  from gone g
 where not exists (select from held h where h.job_id = g.job_id and h.generation = g.generation)
   and exists (select from outrider.events r
                where r.job_id = g.job_id and r.generation = g.generation and r.kind = 'released' offset 0)
