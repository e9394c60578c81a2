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
}
