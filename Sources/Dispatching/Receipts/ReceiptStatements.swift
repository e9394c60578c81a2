import Postgres

extension Statement {
    /// Stores receipts of attempts we know, wakes their jobs, and does what `Consequence` says of those that were new.
    ///
    /// A receipt that comes too late is told apart: `duplicate` when the attempt was taken for not sent and was repeated,
    /// `late delivery` when the next step had begun. It is the rule of `JobHistory.lateNews`, in SQL because this statement
    /// reads no history, and here because a worker does not look at a job that has ended.
    ///
    /// The attempt is looked up row by row (`lateral … offset 0`), because a plan that joins whole partitions to a hundred
    /// receipts is a thousand times slower. Rows are inserted in key order, so that two gateways never wait for each
    /// other in a circle. The due row's `at` is taken after the event's insert: a worker's watermark relies on it.
    static let storeReceipts = Statement(
        name: "receipts.store",
        sql: """
            with given as materialized (
                select * from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                                     $8::text[], $9::text[]::integer[], $10::boolean[], $11::text[], $12::text[], $13::text[])
                    with ordinality as g (job_id, generation, token, status, level, code, class, provider_id, retry_after,
                                          needs_decision, suppressed, suppression_reason, pause_reason, n)
            ), known as materialized (
                select g.*, i.step, i.ladder_id, i.channel, i.sender_id
                  from given g
                  cross join lateral (
                       select step, ladder_id, channel, sender_id from outrider.events i
                        where i.job_id = g.job_id and i.generation = g.generation and i.kind = 'intent'
                          and i.status = 'taken' and i.token = g.token offset 0) i
            ), stored as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class,
                                             level, provider_id, detail)
                select job_id, generation, 'receipt', status, step, ladder_id, channel, sender_id, code, class, level,
                       provider_id, case when retry_after is not null then jsonb_build_object('retry_after', retry_after) end
                  from known order by job_id, generation, status, n
                on conflict do nothing
                returning job_id, generation, status
            ), fresh as materialized (
                select distinct on (k.job_id, k.generation, k.status) k.*
                  from stored join known k using (job_id, generation, status)
                 order by k.job_id, k.generation, k.status, k.n
            ), woken as (
                insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
                select clock_timestamp(), job_id, 0, 'decide', step, generation, ladder_id from fresh where needs_decision
                returning job_id
            ), named as (
                -- No answer says whose message it is, but this does: nobody may take it for his when a listing shows it.
                insert into outrider.adopted_sends (provider_id, job_id, generation)
                select distinct on (provider_id) provider_id, job_id, generation from fresh f
                 where provider_id is not null
                   and not exists (select from outrider.events a
                                    where a.job_id = f.job_id and a.generation = f.generation
                                      and a.kind = 'answer' and a.status = 'accepted' offset 0)
                 order by provider_id, job_id, generation
                on conflict do nothing
            ), suppressed as (
                insert into outrider.suppressions (address, channel, reason, source)
                select distinct on (j.address, c.channel) j.address, c.channel, f.suppression_reason,
                       'the provider''s word about job ' || f.job_id
                  from fresh f
                  cross join unnest(f.suppressed::text[]) as c (channel)
                  cross join lateral (
                       select case when c.channel = 'email' then lower(coalesce(address, email))
                                   else coalesce(address, phone) end as address
                         from outrider.jobs where id = f.job_id offset 0) j
                 where j.address is not null
                 order by 1, 2
                on conflict do nothing
            ), paused as (
                update outrider.senders s
                   set paused_until = clock_timestamp() + make_interval(secs => $14::double precision), paused_reason = f.pause_reason
                  from (select distinct on (sender_id) sender_id, pause_reason from fresh
                         where pause_reason is not null order by sender_id, n) f
                 where s.id = f.sender_id
                   and (s.paused_until is null or s.paused_until < clock_timestamp() + make_interval(secs => $14::double precision / 2))
            ), followed as materialized (
                select f.*, n.code as followed_by
                  from fresh f
                  cross join lateral (
                       select code from outrider.events n
                        where n.job_id = f.job_id and n.generation = f.generation and n.kind = 'next' and n.status = 'decided'
                        offset 0) n
                 where f.level is not null
            ), told_late as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, provider_id,
                                             reason)
                select job_id, generation, 'reconciled', case followed_by when 'escalate' then 'late delivery' else 'duplicate' end,
                       step, ladder_id, channel, sender_id, followed_by, provider_id,
                       case followed_by when 'escalate' then 'it arrived after the next step had begun'
                                        else 'the provider had taken it, and it was sent again' end
                  from followed f
                 where exists (select from outrider.events a
                                where a.job_id = f.job_id and a.generation = f.generation + 1
                                  and a.kind = 'intent' and a.status = 'taken' offset 0)
                   and case when f.followed_by = 'escalate' then f.level in ('delivered', 'answered', 'read')
                            else not exists (select from outrider.events a
                                              where a.job_id = f.job_id and a.generation = f.generation
                                                and a.kind = 'answer' and a.status = 'accepted' offset 0) end
                 order by job_id, generation
                on conflict do nothing
            ), hint as materialized (
                -- One notifier at a time, or commits queue behind each other.
                select case when pg_try_advisory_xact_lock(hashtext('outrider.notify'))
                            then pg_notify('outrider_due', '') end is null as is_skipped
                  from (select from woken limit 1) w
            )
            select case when f.n is not null then 'new' when k.n is not null then 'repeated' else 'unknown' end as fate,
                   (select count(is_skipped) from hint) as hints
              from given g left join known k on k.n = g.n left join fresh f on f.n = g.n
             order by g.n
            """)

    /// Makes words of one person wait for each other until the transaction ends: a START that is stored while a STOP is not
    /// yet committed would lift what the STOP relies on. In one order, so that two batches never wait in a circle.
    ///
    /// $1 addresses.
    static let lockWords = Statement(
        name: "inbound.lock_words",
        sql: """
            select pg_advisory_xact_lock(key) is null from (
                select distinct hashtextextended('outrider words of ' || address, 0) as key
                  from unnest($1::text[]) address order by 1) k
            """)

    /// Stores inbound messages once, and only then lets them have an effect: a WhatsApp window moves, STOP suppresses,
    /// START lifts what a STOP or the provider's own block (21610) had suppressed, never what an operator did.
    ///
    /// The person's last word counts, in whatever order they are learnt. Only the provider's list knows when a message was
    /// written; one that a webhook brought gets that time once a list shows it. A webhook may be repeated for 15 s, and a
    /// gateway that was frozen or waited for the database takes its backlog in any order: until then a START within a
    /// minute of a STOP lifts nothing, and the list is asked for soon (`catch_ups.asked_at`). Of two words of one second,
    /// STOP counts.
    static let storeInbound = Statement(
        name: "inbound.store",
        sql: """
            with given as materialized (
                select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
                    with ordinality as g (provider_id, channel, from_address, to_address, keyword, sent_at_us, n)
            ), stored as (
                -- A row that was there has a transaction's mark (xmax) from being updated.
                insert into outrider.inbound_messages as m (provider_id, channel, from_address, to_address, keyword, received_at,
                                                            sent_at, is_listed)
                select distinct on (provider_id) provider_id, channel, from_address, to_address, keyword,
                       least(clock_timestamp(), to_timestamp(sent_at_us / 1000000.0)), to_timestamp(sent_at_us / 1000000.0),
                       sent_at_us is not null
                  from given order by provider_id, sent_at_us, n
                on conflict (provider_id) do update set sent_at = excluded.sent_at
                 where excluded.sent_at is not null and m.sent_at is null
                returning m.*, xmax = 0 as is_new
            ), moved as (
                insert into outrider.whatsapp_windows as w (address, sender_address, last_inbound_at)
                select from_address, to_address, max(received_at) from stored where channel = 'whatsapp' and is_new
                 group by 1, 2 order by 1, 2
                on conflict (address, sender_address)
                do update set last_inbound_at = greatest(w.last_inbound_at, excluded.last_inbound_at)
            ), speakers as materialized (
                select distinct s.from_address as address from stored s join given g using (provider_id) where g.keyword in ('stop', 'start')
            ), words as materialized (
                select provider_id, from_address as address, channel, to_address, keyword, coalesce(sent_at, received_at) as at,
                       sent_at is not null as is_exact, is_new
                  from stored where keyword in ('stop', 'start')
                union all
                select m.provider_id, p.address, m.channel, m.to_address, m.keyword, coalesce(m.sent_at, m.received_at),
                       m.sent_at is not null, false
                  from speakers p
                  cross join lateral (
                       select * from outrider.inbound_messages i
                        where i.from_address = p.address and i.keyword in ('stop', 'start') offset 0) m
                 where m.provider_id not in (select provider_id from stored)
            ), started as materialized (
                -- Surely the last word.
                select s.address, max(s.at) as at
                  from words s join speakers using (address)
                 where s.keyword = 'start'
                   and not exists (select from words p
                                    where p.address = s.address and p.keyword = 'stop'
                                      and p.at >= s.at - case when p.is_exact and s.is_exact then interval '0'
                                                              else interval '1 minute' end)
                 group by 1
            ), stopped as (
                insert into outrider.suppressions (address, channel, reason, source)
                select w.address, c.channel, 'stop', 'inbound ' || min(w.provider_id)
                  from words w cross join unnest('{sms,voice,whatsapp}'::text[]) as c (channel)
                 where w.keyword = 'stop' and w.is_new and w.address not in (select address from started)
                 group by 1, 2 order by 1, 2
                on conflict do nothing
            ), lifted as (
                update outrider.suppressions s set lifted_at = clock_timestamp()
                  from started w
                 where s.address = w.address and s.channel in ('sms', 'voice', 'whatsapp') and s.lifted_at is null
                   and (s.reason = 'stop' or s.reason = 'provider 21610' and s.created_at < w.at)
            ), doubted as materialized (
                select one.channel, one.to_address from words one join words other using (address)
                 where (one.is_new or other.is_new) and one.keyword <> other.keyword and not (one.is_exact and other.is_exact)
                   and one.at between other.at - interval '1 minute' and other.at + interval '1 minute'
            ), asked as (
                update outrider.catch_ups c set asked_at = clock_timestamp()
                 where exists (select from doubted)
                   and (c.account, c.channel, c.address) in (
                       select account, channel, address from outrider.catch_ups
                        where address = '*' or (channel, address) in (select channel, to_address from doubted)
                        order by 1, 2, 3 for update)
            )
            select case when s.is_new and g.n = min(g.n) over (partition by g.provider_id) then 'new' else 'repeated' end as fate
              from given g left join stored s using (provider_id)
             order by g.n
            """)

    /// Adds suppressions that are not in force yet, but none that was lifted after what they report: an event that is
    /// repeated changes nothing.
    static let storeSuppressions = Statement(
        name: "suppressions.store",
        sql: """
            with given as materialized (
                select lower(address) as address, channel, reason, source, to_timestamp(at / 1e6) as at, n
                  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]::bigint[])
                    with ordinality as g (address, channel, reason, source, at, n)
            ), stored as (
                insert into outrider.suppressions (address, channel, reason, source)
                select address, channel, reason, source from given g
                 where not exists (select from outrider.suppressions s
                                    where s.address = g.address and s.channel = g.channel and s.lifted_at > g.at offset 0)
                 order by address, channel, n
                on conflict do nothing
                returning address, channel
            ), fresh as (
                select min(n) as n from stored join given using (address, channel) group by address, channel
            )
            select case when f.n is not null then 'new' else 'repeated' end as fate
              from given g left join fresh f on f.n = g.n
             order by g.n
            """)
}
