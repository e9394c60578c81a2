-- Gives back batches that this worker never began, because the answer to their take was lost. Unlike a dead worker's, their
-- intents are known to have come to nothing: they count as not sent and are tried again.
--
-- $1 leases, $2 worker.
-- Run by outrider_worker.
with taken as (
    delete from outrider.leases
     where id in (select id from outrider.leases
                   where id = any ($1::bigint[]) and worker = $2 for update skip locked)
    returning *
), looks as materialized (
    select w.*, j.priority, j.channel
      from taken t
     cross join lateral unnest(t.job_ids, t.generations, t.steps, t.ladder_ids, t.reasons)
                as w (job_id, generation, step, ladder_id, reason)
     cross join lateral (
           select outrider.job_priority(j.category, j.priority) as priority, coalesce(s.channel, j.channel) as channel
             from outrider.jobs j left join outrider.ladder_steps s on s.ladder_id = w.ladder_id and s.position = w.step
            where j.id = w.job_id offset 0) j
), unsent as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, worker, reason)
    select w.job_id, w.generation, 'answer', 'not_sent', w.step, w.ladder_id, i.channel, i.sender_id, $2,
           'the answer to its take was lost: nobody began it'
      from looks w
     cross join lateral (
           select channel, sender_id from outrider.events
            where job_id = w.job_id and generation = w.generation and kind = 'intent' and status = 'taken'
              and worker = $2 offset 0) i
     where w.reason = 'dispatch'
       and not exists (select from outrider.events a
                        where a.job_id = w.job_id and a.generation = w.generation and a.kind = 'answer' offset 0)
     order by w.job_id, w.generation
    on conflict do nothing returning job_id, generation
), settled as (
    delete from outrider.open_sends where ((job_id, generation) in (select job_id, generation from unsent)) is true
), placed as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), job_id,
           outrider.look_lane(case reason when 'dispatch' then 'decide' else reason end, priority, channel),
           case reason when 'dispatch' then 'decide' else reason end, step, generation, ladder_id
      from looks
)
select count(*) as unsent from unsent
