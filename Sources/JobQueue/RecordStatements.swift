import Postgres

extension Statement {
    /// Adds facts and wake-ups in one commit. A wake-up that hangs on a fact is added only if the fact was new, so whoever
    /// records first has decided and everybody else adds nothing. Gives back the leases that are done.
    ///
    /// - Facts are added in the order of their key, so that two recorders never wait for each other in a circle.
    /// - The clock of the wake-ups is read once this transaction has its id: a worker's watermark relies on it.
    ///
    /// $1 facts as a JSON array, $2 wake-ups as a JSON array, $3 leases done, $4 keys, $5 jobs and $6 generations of the
    /// sends that are not open any more.
    static let record = Statement(
        name: "jobqueue.record",
        sql: """
            with facts as materialized (
                select * from jsonb_to_recordset($1::jsonb) as f (
                    job_id bigint, generation integer, kind text, status text, step smallint, ladder_id integer, channel text,
                    sender_id integer, code text, class text, level text, provider_id text, worker text, reason text, detail jsonb)
            ), added as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level,
                                             provider_id, worker, reason, detail)
                select job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level, provider_id, worker,
                       reason, detail
                  from facts order by job_id, generation, kind, status
                on conflict do nothing returning job_id, generation, kind, status
            ), wakes as materialized (
                select * from jsonb_to_recordset($2::jsonb) as w (
                    job_id bigint, at_us bigint, reason text, step smallint, generation integer, ladder_id integer, channel text,
                    fence_generation integer, fence_kind text, fence_status text)
            ), allowed as (
                select w.* from wakes w
                 where w.fence_kind is null
                    or exists (select from added a where a.job_id = w.job_id and a.generation = w.fence_generation
                                  and a.kind = w.fence_kind and a.status = w.fence_status)
            ), present as materialized (
                select case when pg_current_xact_id() is not null then clock_timestamp() end as now
            ), placed as (
                insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
                select greatest(p.now, to_timestamp(a.at_us / 1000000.0)), a.job_id,
                       case when a.reason <> 'dispatch' then 0
                            else outrider.dispatch_lane(outrider.pick_sender(outrider.sender_ids(j.tenant, a.channel),
                                    case a.channel when 'email' then lower(coalesce(j.address, j.email)) else coalesce(j.address, j.phone) end),
                                    j.category, j.priority) end,
                       a.reason, a.step, a.generation, a.ladder_id,
                       case when a.channel = 'sms' and a.reason = 'dispatch' then least(outrider.segments(j.body), 100) else 1 end
                  from allowed a
                  cross join present p
                  left join lateral (
                       select * from outrider.jobs where id = a.job_id and a.reason = 'dispatch' offset 0) j on true
                 where a.reason <> 'dispatch' or j.id is not null
                returning 1
            ), done as (
                delete from outrider.leases where id = any ($3::bigint[]) returning 1
            ), settled as (
                delete from outrider.open_sends
                 where key = any ($4::bigint[])
                   and (key, job_id, generation) in (
                       select * from unnest($4::bigint[], $5::bigint[], $6::integer[]) as s (key, job_id, generation))
                returning 1
            )
            select (select count(*) from added) as added, (select count(*) from placed) as placed
            """)

    /// Takes a message that a listing showed for one attempt, once and for all: it is no other attempt's, neither by an
    /// answer nor by an earlier listing. The primary key is the fence between two who find the same one. An attempt that was
    /// given up takes none: what the listing shows may be its repeat.
    ///
    /// $1 provider's id, $2 job, $3 generation.
    static let adopt = Statement(
        name: "jobqueue.adopt",
        sql: """
            with adopted as (
                insert into outrider.adopted_sends (provider_id, job_id, generation)
                select $1, $2, $3
                 where not exists (select from outrider.events e
                                    where hashtext(e.provider_id) = hashtext($1) and e.provider_id = $1 and e.kind <> 'receipt'
                                      and (e.job_id, e.generation) <> ($2::bigint, $3::integer))
                   and not exists (select from outrider.events e
                                    where e.job_id = $2
                                      and (e.generation = $3 and e.kind || '' in ('next', 'held')
                                           or e.generation = 0 and e.kind || '' = 'outcome') offset 0)
                on conflict do nothing returning 1
            )
            select exists (select from adopted)
                or exists (select from outrider.adopted_sends
                            where provider_id = $1 and job_id = $2 and generation = $3) as is_ours
            """)

    /// Suppresses a job's address, but not where a suppression was lifted after the news. $1 job, $2 channels that share the
    /// address, $3 reason, $4 source, $5 when the news is from, in microseconds; null for now.
    static let suppress = Statement(
        name: "jobqueue.suppress",
        sql: """
            insert into outrider.suppressions (address, channel, reason, source)
            select j.address, c, $3, $4
              from (select case when 'email' = any ($2::text[]) then lower(coalesce(address, email))
                                else coalesce(address, phone) end as address
                      from outrider.jobs where id = $1) j
              cross join unnest($2::text[]) as c
             where j.address is not null
               and not exists (select from outrider.suppressions s
                                where s.address = j.address and s.channel = c
                                  and s.lifted_at > to_timestamp($5::bigint / 1e6) offset 0)
             order by c
            on conflict do nothing
            """)

    /// Stops claims for the sender of an attempt. $1 job, $2 generation, $3 seconds, $4 reason.
    static let pauseSender = Statement(
        name: "jobqueue.pause_sender",
        sql: """
            update outrider.senders
               set paused_until = clock_timestamp() + make_interval(secs => $3::double precision), paused_reason = $4
             where id = (select sender_id from outrider.events
                          where job_id = $1 and generation = $2 and kind = 'intent' and status = 'taken')
               and (paused_until is null or paused_until < clock_timestamp() + make_interval(secs => $3::double precision / 2))
            """)
}
