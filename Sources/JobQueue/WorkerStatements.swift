import Postgres

extension Statement {
    /// Hands on the work of the dead, and batches of ours whose claim was answered into a broken connection.
    ///
    /// An intent without an answer becomes *lost* and is reconciled; everything else is looked at again. First insert wins,
    /// so two rescuers, or a rescuer and a worker that was only slow, add each fact once.
    ///
    /// $1 this worker, $2 its leases, $3 seconds of silence after which a worker is dead, $4 seconds to the reconciliation.
    static let rescue = Statement(
        name: "jobqueue.rescue",
        sql: """
            with dead as (
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
            ), wakes as materialized (
                select o.worker, w.* from orphans o,
                       unnest(o.job_ids, o.generations, o.steps, o.ladder_ids, o.reasons)
                           as w (job_id, generation, step, ladder_id, reason)
            ), lost as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, worker, reason)
                select w.job_id, w.generation, 'answer', 'lost', w.step, w.ladder_id, i.channel, i.sender_id, w.worker,
                       'its worker stopped between the intent and the answer'
                  from wakes w
                  cross join lateral (
                       select channel, sender_id from outrider.events
                        where job_id = w.job_id and generation = w.generation and kind = 'intent' and status = 'taken' offset 0) i
                 where w.reason = 'dispatch'
                   and not exists (select from outrider.events a
                                    where a.job_id = w.job_id and a.generation = w.generation and a.kind = 'answer' offset 0)
                 order by w.job_id, w.generation
                on conflict do nothing returning job_id, generation
            ), placed as (
                insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
                select clock_timestamp() + case when l.job_id is null then interval '0' else make_interval(secs => $4) end,
                       w.job_id, 0,
                       case when l.job_id is not null then 'reconcile' when w.reason = 'dispatch' then 'decide' else w.reason end,
                       w.step, w.generation, w.ladder_id
                  from wakes w left join lost l using (job_id, generation)
                returning 1
            )
            select (select count(*) from dead) as dead, (select count(*) from wakes) as wakes, (select count(*) from lost) as lost
            """)

    /// $1 worker.
    static let leases = Statement(
        name: "jobqueue.leases", sql: "select id from outrider.leases where worker = $1 order by id limit 10000")

    /// Gives back batches that this worker never began, because the answer to their claim was lost. Unlike a dead worker's,
    /// their intents are known to have come to nothing: they count as not sent and are tried again. $1 leases, $2 worker.
    static let withdraw = Statement(
        name: "jobqueue.withdraw",
        sql: """
            with taken as (
                delete from outrider.leases
                 where id in (select id from outrider.leases
                               where id = any ($1::bigint[]) and worker = $2 for update skip locked)
                returning *
            ), wakes as materialized (
                select w.* from taken t, unnest(t.job_ids, t.generations, t.steps, t.ladder_ids, t.reasons)
                           as w (job_id, generation, step, ladder_id, reason)
            ), unsent as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, worker, reason)
                select w.job_id, w.generation, 'answer', 'not_sent', w.step, w.ladder_id, i.channel, i.sender_id, $2,
                       'the answer to its claim was lost: nobody began it'
                  from wakes w
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
                delete from outrider.open_sends o using unsent u
                 where o.job_id = u.job_id and o.generation = u.generation
            ), placed as (
                insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
                select clock_timestamp(), job_id, 0, case reason when 'dispatch' then 'decide' else reason end, step, generation,
                       ladder_id
                  from wakes
            )
            select count(*) as unsent from unsent
            """)

    /// $1 leases this worker gives up at once: it could not read what it claimed.
    static let abandonLeases = Statement(
        name: "jobqueue.abandon_leases",
        sql: "update outrider.leases set worker = worker || ' (gave up)' where id = any ($1::bigint[])")

    /// The senders with their rates. A paused one is left out of `is_open`.
    static let senders = Statement(
        name: "jobqueue.senders",
        sql: """
            select id, channel, rate_per_second::double precision as rate,
                   enabled and (paused_until is null or paused_until <= clock_timestamp()) as is_open
              from outrider.senders
            """)

    /// Sends whose lane's sender does not serve them go to one that does, at most 1,000 a time: those that no sender served
    /// when they were asked for, and those of a sender that was disabled. The lanes in use are found by stepping along the
    /// index.
    ///
    /// - Where nobody else serves them, sends of a disabled sender stay and wait for it; those of a deleted one are held.
    /// - Only what is due within five minutes is looked at, so that a campaign planned far ahead costs nothing here.
    static let reroute = Statement(
        name: "jobqueue.reroute",
        sql: """
            with recursive lanes as (
                select (select lane from outrider.due order by lane limit 1) as lane
                union all
                select (select d.lane from outrider.due d where d.lane > l.lane order by d.lane limit 1)
                  from lanes l where l.lane is not null
            ), closed as materialized (
                select l.lane, l.lane <> 1 and s.id is null as is_deleted
                  from lanes l left join outrider.senders s on s.id = l.lane / 4
                 where case when l.lane = 1 then exists (select from outrider.senders where enabled)
                            when l.lane < 4 or s.enabled then false
                            when s.id is null then true
                            else exists (select from outrider.senders o
                                          where o.enabled and o.channel = s.channel
                                            and (o.tenant is null or s.tenant is null or o.tenant = s.tenant)) end
            ), found as materialized (
                select d.ctid, r.ids, j.category, j.priority,
                       case r.channel when 'email' then lower(coalesce(j.address, j.email)) else coalesce(j.address, j.phone) end as address
                  from closed c
                  cross join lateral (
                       select ctid, job_id, ladder_id, step from outrider.due
                        where lane = c.lane and at <= clock_timestamp() + interval '5 minutes'
                        order by at, job_id limit 10000) d
                  cross join lateral (
                       select tenant, channel, address, phone, email, category, priority from outrider.jobs
                        where id = d.job_id offset 0) j
                  left join outrider.ladder_steps s on s.ladder_id = d.ladder_id and s.position = d.step
                  cross join lateral (
                       select coalesce(s.channel, j.channel) as channel,
                              outrider.sender_ids(j.tenant, coalesce(s.channel, j.channel)) as ids offset 0) r
                 where c.is_deleted or cardinality(r.ids) > 0
                 limit 1000
            ), locked as materialized (
                select ctid from outrider.due where ctid = any (array(select ctid from found)) for update skip locked
            ), moved as (
                delete from outrider.due where ctid = any (array(select ctid from locked)) returning ctid, due.*
            )
            insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
            select greatest(m.at, clock_timestamp()), m.job_id,
                   outrider.dispatch_lane(outrider.pick_sender(f.ids, f.address), f.category, f.priority),
                   m.reason, m.step, m.generation, m.ladder_id, m.cost
              from moved m join found f on f.ctid = m.ctid
            """)

    /// Open sends that nobody looks at any more: of a job that was cancelled meanwhile, or whose attempt was settled by a
    /// way that does not know them. Two minutes are time enough for a listing to show what there is.
    static let dropSettledSends = Statement(
        name: "jobqueue.drop_settled_sends",
        sql: """
            delete from outrider.open_sends o
             where o.since < clock_timestamp() - interval '2 minutes'
               and (not exists (select from outrider.events e
                                 where e.job_id = o.job_id and e.generation = o.generation and e.kind = 'intent' offset 0)
                    or exists (select from outrider.events e
                                where e.job_id = o.job_id and e.generation = o.generation
                                  and (e.kind || '' in ('receipt', 'next', 'held')
                                       or e.kind = 'answer' and e.status || '' in ('accepted', 'refused', 'not_sent', 'skipped'))
                               offset 0)
                    or exists (select from outrider.events e
                                where e.job_id = o.job_id and e.generation = 0 and e.kind || '' = 'outcome' offset 0))
            """)

    /// A window slower than the usual second is kept until the one after it is over.
    static let dropOldWindows = Statement(
        name: "jobqueue.drop_old_windows",
        sql: """
            delete from outrider.rate_windows w
             where w.taken_at < clock_timestamp() - interval '2 minutes'
               and not exists (select from outrider.senders s
                                where s.id = w.sender_id
                                  and w.taken_at >= clock_timestamp() - make_interval(secs => 2 / s.rate_per_second::double precision))
            """)
}
