-- Hands on the work of the dead, and batches of ours whose take was answered into a broken connection.
--
-- An intent without an answer becomes *lost* and is reconciled; everything else is looked at again. First insert wins, so
-- two rescuers, or a rescuer and a worker that was only slow, add each fact once.
--
-- A heartbeat from the future says that the database's clock was set back. It counts as one of now: who lives beats again.
--
-- $1 this worker, $2 its leases, $3 seconds of silence after which a worker is dead, $4 seconds to the reconciliation.
-- Run by outrider_worker.
with ahead as (
    update outrider.workers set heartbeat_at = clock_timestamp()
     where id in (select id from outrider.workers
                   where heartbeat_at > clock_timestamp() + interval '1 second' for update skip locked)
), dead as (
    delete from outrider.workers
     where id in (select id from outrider.workers
                   where heartbeat_at < clock_timestamp() - make_interval(secs => $3) for update skip locked)
    returning id
), orphans as (
    delete from outrider.leases
     where id in (
           select id from outrider.leases l
            where l.worker in (select id from dead)
               or not exists (select from outrider.workers w where w.id = l.worker)
               or (l.worker = $1 and l.id <> all ($2::bigint[]) and l.claimed_at < clock_timestamp() - interval '15 seconds')
            for update skip locked)
    returning *
), looks as materialized (
    select o.worker, w.*, j.priority, j.channel
      from orphans o
     cross join lateral unnest(o.job_ids, o.generations, o.steps, o.ladder_ids, o.reasons)
                as w (job_id, generation, step, ladder_id, reason)
     cross join lateral (
           select outrider.job_priority(j.category, j.priority) as priority, coalesce(s.channel, j.channel) as channel
             from outrider.jobs j left join outrider.ladder_steps s on s.ladder_id = w.ladder_id and s.position = w.step
            where j.id = w.job_id offset 0) j
), lost as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, worker, reason)
    select w.job_id, w.generation, 'answer', 'lost', w.step, w.ladder_id, i.channel, i.sender_id, w.worker,
           'its worker stopped between the intent and the answer'
      from looks w
     cross join lateral (
           select channel, sender_id from outrider.events
            where job_id = w.job_id and generation = w.generation and kind = 'intent' and status = 'taken' offset 0) i
     where w.reason = 'dispatch'
       and not exists (select from outrider.events a
                        where a.job_id = w.job_id and a.generation = w.generation and a.kind = 'answer' offset 0)
     order by w.job_id, w.generation
    on conflict do nothing returning job_id, generation
), named as materialized (
    select *, case when is_lost then 'reconcile' when reason = 'dispatch' then 'decide' else reason end as next_reason
      from (select *, (job_id, generation) in (select job_id, generation from lost) as is_lost from looks offset 0) w
), placed as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp() + case when is_lost then make_interval(secs => $4) else interval '0' end, job_id,
           outrider.look_lane(next_reason, priority, channel), next_reason, step, generation, ladder_id
      from named
    returning 1
)
select (select count(*) from dead) as dead, (select count(*) from looks) as looks, (select count(*) from lost) as lost
