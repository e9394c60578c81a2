-- Writes down what came of ending calls. One of which nothing is known yet is tried again. One that is over is an event, and its
-- job is looked at, unless that has ended. Who repeats it, or comes second, adds nothing.
--
-- $1 jobs, $2 generations, $3 statuses (null: not known yet), $4 codes, $5 reasons, $6 seconds until it is tried again, $7 worker.
-- Run by outrider_worker.
with given as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[]::double precision[])
             as g (job_id, generation, status, code, reason, pause)
), later as (
    update outrider.ends e set at = clock_timestamp() + make_interval(secs => g.pause) from given g
     where e.job_id = g.job_id and e.generation = g.generation and g.status is null
), over as (
    delete from outrider.ends e using given g
     where e.job_id = g.job_id and e.generation = g.generation and g.status is not null
    returning e.job_id, e.generation, g.status, g.code, g.reason
), told as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, worker, reason)
    select o.job_id, o.generation, 'reconciled', o.status, i.step, i.ladder_id, i.channel, i.sender_id, o.code, $7, o.reason
      from over o
     cross join lateral (select step, ladder_id, channel, sender_id from outrider.events e
                          where e.job_id = o.job_id and e.generation = o.generation and e.kind = 'intent' offset 0) i
     order by 1, 2
    on conflict do nothing returning job_id, generation, step, ladder_id, channel
), placed as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), t.job_id, outrider.look_lane('decide', j.priority, t.channel), 'decide', t.step, t.generation, t.ladder_id
      from told t
     cross join lateral (select outrider.job_priority(category, priority) as priority from outrider.jobs where id = t.job_id offset 0) j
     where not exists (select from outrider.events e
                        where e.job_id = t.job_id and e.generation = 0 and e.kind || '' = 'outcome' offset 0)
    returning lane
)
select (select count(*) from over) as over, (select outrider.announce(min(lane)) is null from placed) as hint
