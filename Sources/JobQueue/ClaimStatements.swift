import Postgres

extension Statement {
    /// Takes due sends of one lane, with their intents and one lease, in one statement and one snapshot.
    ///
    /// - The window of the sender's rate is won first, and only if something waits: whoever inserts its row owns it, so
    ///   nobody else locks rows that they may not send.
    /// - `pick` is materialized, or the planner could run the LIMITed subselect again and take more rows than asked for.
    /// - A limit that the planner cannot see (`limit (select …)`) makes it pay for the start of a plan, so it walks the
    ///   index in order. When it sees the limit and takes the lane to be short, as it does on stale statistics, it sorts
    ///   the whole lane instead.
    /// - The rows go by ctid, so that no other index can tempt it. Jobs and events are looked up row by row (`offset 0`
    ///   keeps a subselect apart), because no statistics may turn 200 look-ups into a walk over whole partitions.
    /// - What is due is judged by the statement's clock, which is older than its snapshot: a transaction the snapshot does
    ///   not see sorts after every row it does see, and that is what a watermark relies on.
    /// - A window is filled, never overfilled, but for one message that is longer than a whole window.
    /// - Two wake-ups for one attempt count once, in one claim as in two.
    /// - A suppressed address gets no intent: the step is skipped in the snapshot that saw the suppression.
    /// - An ended job's wake-up is simply dropped.
    /// - Of messages that a provider's listing cannot tell apart (`outrider.send_key`), one at a time is on its way: whoever
    ///   inserts the row of `open_sends` takes the intent, the others look again in 1 to 10 s, by how long it has taken
    ///   so far. The row goes when its attempt is answered or given up, so they wait no longer than a reconciliation.
    /// - A send claimed for no sender gets none, even if one serves it by now: no rate would hold it. `reroute` moves it
    ///   before it is due.
    ///
    /// $1 lane, $2 floor µs, $3 floor job id, $4 limit, $5 worker, $6 sender id, $7 window ms (null: no rate), $8 sends a
    /// window, $9 slot owned already, $10 what is left of it.
    static let claimSends = Statement(
        name: "jobqueue.claim_sends",
        sql: """
            with present as materialized (
                select floor(extract(epoch from statement_timestamp()) * 1000 / coalesce($7::integer, 1000))::bigint as slot
            ), waiting as materialized (
                select from outrider.due
                 where lane = $1 and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint) and at <= statement_timestamp()
                 order by at, job_id limit (select 1)
            ), won as (
                insert into outrider.rate_windows (sender_id, slot, worker)
                select $6, slot, $5 from present
                 where $7::integer is not null and $9::bigint is distinct from slot and exists (select from waiting)
                on conflict do nothing returning slot
            ), allowance as materialized (
                select case when $7::integer is null then 1000000000
                            when $9::bigint = slot then $10::integer
                            when exists (select from won) then $8::integer + least(0, $10::integer)
                            else 0 end as sends
                  from present
            ), pick as materialized (
                select ctid, at, job_id, cost from outrider.due
                 where (select sends from allowance) > 0
                   and lane = $1 and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint) and at <= statement_timestamp()
                 order by at, job_id limit (select $4::bigint) for update skip locked
            ), fit as (
                select ctid, cost, sum(cost) over (order by at, job_id rows unbounded preceding) as used from pick
            ), taken as (
                delete from outrider.due
                 where ctid = any (array(select ctid from fit, allowance
                                          where used <= sends or (used = cost and sends >= $8::integer)))
                returning at, job_id, step, generation, ladder_id, reason, cost
            ), live as materialized (
                select distinct on (t.job_id, t.generation) t.*, coalesce(s.channel, j.channel) as channel,
                       \(address) as address, \(key) as key
                  from taken t
                  \(jobAndStep)
                 where \(isAlive)
                 order by t.job_id, t.generation, t.at
            ), checked as materialized (
                select l.*, exists (select from outrider.suppressions p
                                     where p.address = l.address and p.channel = l.channel and p.lifted_at is null offset 0)
                            as is_suppressed,
                       exists (select from outrider.events e
                                where e.job_id = l.job_id and e.generation = l.generation and e.kind = 'intent' offset 0)
                            as is_begun
                  from live l
            ), opened as materialized (
                insert into outrider.open_sends (key, job_id, generation)
                select key, job_id, generation from checked where not is_suppressed and not is_begun order by key, at, job_id
                on conflict do nothing returning job_id, generation
            ), deferred as (
                insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
                select clock_timestamp() + make_interval(secs =>
                           greatest(1, least(10, coalesce(extract(epoch from clock_timestamp() - o.since)::double precision, 0) / 4))),
                       c.job_id, $1, c.reason, c.step, c.generation, c.ladder_id, c.cost
                  from checked c
                  left join lateral (select since from outrider.open_sends where key = c.key offset 0) o on true
                 where not c.is_suppressed and not c.is_begun
                   and not exists (select from opened w where w.job_id = c.job_id and w.generation = c.generation)
                returning 1
            ), intents as (
                insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, worker, token)
                select job_id, generation, 'intent', 'taken', statement_timestamp(), step, ladder_id, channel, nullif($6, 0), $5,
                       gen_random_uuid()
                  from checked join opened using (job_id, generation)
                on conflict do nothing returning job_id, generation, token
            ), skips as (
                insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, worker, code, reason)
                select job_id, generation, 'answer', 'skipped', statement_timestamp(), step, ladder_id, channel, $5, 'opted_out',
                       'the address is suppressed on this channel'
                  from checked where is_suppressed and not is_begun
                on conflict do nothing returning job_id, generation, null::uuid as token
            ), claimed as materialized (
                select c.*, f.token, nullif($6, 0) as sender_id from checked c
                  join (select * from intents union all select * from skips) f using (job_id, generation)
            ), lease as (
                insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
                select $5, array_agg(job_id), array_agg(generation), array_agg(step), array_agg(ladder_id), array_agg(reason)
                  from claimed having count(*) > 0
                returning id
            ), last as (
                select at, job_id from taken order by at desc, job_id desc limit 1
            )
            select (select id from lease) as lease_id,
                   (select slot from won) as won_slot,
                   (extract(epoch from last.at) * 1000000)::bigint as last_at, last.job_id as last_job_id,
                   (select count(*) from taken)::integer as taken,
                   pg_snapshot_xmin(pg_current_snapshot())::text as oldest_transaction,
                   pg_snapshot_xmax(pg_current_snapshot())::text as next_transaction,
                   \(jobColumns)
              from (select) as always
              left join last on true
              left join claimed c on true
              \(jobJoins)
             order by c.at, c.job_id
            """)

    /// Takes due wake-ups that send nothing, of any reason, with one lease.
    ///
    /// $1 floor µs, $2 floor job id, $3 limit, $4 worker.
    static let claimWakes = Statement(
        name: "jobqueue.claim_wakes",
        sql: """
            with pick as materialized (
                select ctid from outrider.due
                 where lane = 0 and (at, job_id) > (to_timestamp($1::bigint / 1000000.0), $2::bigint) and at <= statement_timestamp()
                 order by at, job_id limit (select $3::bigint) for update skip locked
            ), taken as (
                delete from outrider.due where ctid = any (array(select ctid from pick))
                returning at, job_id, step, generation, ladder_id, reason, cost
            ), claimed as materialized (
                select distinct on (t.job_id, t.generation, t.reason)
                       t.*, coalesce(s.channel, j.channel) as channel, false as is_suppressed, null::uuid as token,
                       (select e.sender_id from outrider.events e
                         where e.job_id = t.job_id and e.generation = t.generation and e.kind = 'intent' and e.status = 'taken') as sender_id,
                       \(address) as address, \(key) as key
                  from taken t
                  \(jobAndStep)
                 where \(isAlive)
                 order by t.job_id, t.generation, t.reason, t.at
            ), lease as (
                insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
                select $4, array_agg(job_id), array_agg(generation), array_agg(step), array_agg(ladder_id), array_agg(reason)
                  from claimed having count(*) > 0
                returning id
            ), last as (
                select at, job_id from taken order by at desc, job_id desc limit 1
            )
            select (select id from lease) as lease_id, null::bigint as won_slot,
                   (extract(epoch from last.at) * 1000000)::bigint as last_at, last.job_id as last_job_id,
                   (select count(*) from taken)::integer as taken,
                   pg_snapshot_xmin(pg_current_snapshot())::text as oldest_transaction,
                   pg_snapshot_xmax(pg_current_snapshot())::text as next_transaction,
                   \(jobColumns)
              from (select) as always
              left join last on true
              left join claimed c on true
              \(jobJoins)
             order by c.at, c.job_id
            """)

    /// The lanes in which something is due, of those given, each looked at from its own floor on.
    ///
    /// $1 lanes, $2 floors µs, $3 floor job ids.
    static let lanesDue = Statement(
        name: "jobqueue.lanes_due",
        sql: """
            select l.lane from unnest($1::integer[], $2::bigint[], $3::bigint[]) as l (lane, floor_at, floor_job)
             cross join lateral (
                   select from outrider.due d
                    where d.lane = l.lane and (d.at, d.job_id) > (to_timestamp(l.floor_at / 1000000.0), l.floor_job)
                      and d.at <= statement_timestamp()
                    order by d.at, d.job_id limit (select 1)) d
             order by l.lane % 4, l.lane
            """)

    /// The job `j` of a taken row `t`, and its step `s` when it climbs a ladder.
    private static let jobAndStep = """
        cross join lateral (
                       select channel, address, phone, email, body, template, locale, data from outrider.jobs where id = t.job_id offset 0) j
                  left join outrider.ladder_steps s on s.ladder_id = t.ladder_id and s.position = t.step
        """

    /// Where the step reaches the recipient.
    private static let address = """
        case coalesce(s.channel, j.channel) when 'email' then lower(coalesce(j.address, j.email))
                            else coalesce(j.address, j.phone) end
        """

    /// What a provider's listing would tell the message by.
    private static let key =
        "outrider.send_key(t.job_id, coalesce(s.channel, j.channel), \(address), j.body, j.data)"

    /// No outcome yet. `kind || ''` hides the predicate of the index of outcomes, which on stale statistics is walked whole.
    private static let isAlive = """
        not exists (select from outrider.events o
                                    where o.job_id = t.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
        """

    /// What a `ClaimedJob` is read from, for the row `c` of a claim.
    private static let jobColumns = """
        c.job_id, c.generation, c.step, c.ladder_id, c.reason, c.cost, c.channel, c.address, c.key as send_key, c.is_suppressed, c.token,
        (extract(epoch from c.at) * 1000000)::bigint as due_at,
        (extract(epoch from statement_timestamp()) * 1000000)::bigint as claimed_at,
        j.tenant, j.category, j.locale, j.wait_seconds, j.data::text as data, j.media_urls,
        (extract(epoch from j.expires_at) * 1000000)::bigint as expires_at,
        t.id is not null as is_template, coalesce(t.body, j.body) as body, coalesce(t.subject, j.subject) as subject, t.html, t.content_sid,
        coalesce(t.content_variables, '{}') as content_variables, t.dynamic_template,
        i.id as sender_id, i.address as sender_address, i.display_name as sender_display_name,
        exists (select from outrider.whatsapp_windows w
                 where c.channel = 'whatsapp' and w.address = c.address and w.sender_address = i.address
                   and w.last_inbound_at > statement_timestamp() - interval '23 hours 59 minutes 50 seconds') as is_window_open,
        (select jsonb_agg(jsonb_build_object('c', s.channel, 'w', s.wait_seconds, 's', s.success, 'm', s.max_attempts, 'u', s.on_unknown)
                          order by s.position)
           from outrider.ladder_steps s where s.ladder_id = c.ladder_id)::text as ladder,
        case when c.generation > 1 or c.reason <> 'dispatch' then
            (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                        'g', e.generation, 'k', e.kind, 's', e.status, 't', (extract(epoch from e.at) * 1000000)::bigint,
                        'n', e.step, 'c', e.code, 'f', e.class, 'l', e.level, 'p', e.provider_id, 'o', e.token,
                        'r', (e.detail ->> 'retry_after')::integer)))
               from outrider.events e where e.job_id = c.job_id)::text end as history
        """

    private static let jobJoins = """
        left join lateral (select * from outrider.jobs where id = c.job_id offset 0) j on true
              left join lateral (
                   select id, address, display_name from outrider.senders
                    where id = coalesce(c.sender_id, case when c.reason <> 'dispatch' then
                                   outrider.pick_sender(outrider.sender_ids(j.tenant, c.channel), c.address) end)
                    limit 1) i on true
              left join lateral (
                   select * from outrider.templates t
                    where t.name = j.template and t.channel = c.channel and t.tenant in ('', j.tenant)
                      and t.locale in ('', split_part(j.locale, '-', 1), j.locale)
                    order by t.tenant desc, length(t.locale) desc limit 1) t on true
        """
}
