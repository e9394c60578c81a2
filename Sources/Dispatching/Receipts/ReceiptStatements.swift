import Postgres

extension Statement {
    /// Stores receipts of attempts we know, wakes their jobs, and suppresses who is reported as opted out.
    ///
    /// A receipt that comes too late is told apart: `duplicate` when the attempt was taken for not sent and was repeated,
    /// `late delivery` when the next step had begun. Here and not in the worker, which does not look at a job that has ended.
    ///
    /// The attempt is looked up row by row (`lateral … offset 0`), because a plan that joins whole partitions to a hundred
    /// receipts is a thousand times slower. Rows are inserted in key order, so that two gateways never wait for each
    /// other in a circle. The due row's `at` is taken after the event's insert: a worker's watermark relies on it.
    static let storeReceipts = Statement(
        name: "receipts.store",
        sql: """
            with given as materialized (
                select * from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                                     $8::text[], $9::text[], $10::text[], $11::boolean[])
                    with ordinality as g (job_id, generation, token, status, provider, level, code, failure_class,
                                          default_class, provider_id, needs_decision, n)
            ), known as materialized (
                select g.*, i.step, i.ladder_id, i.channel, i.sender_id,
                       case when g.default_class is not null then coalesce(g.failure_class, c.class, g.default_class) end as class,
                       case when g.default_class is not null then c.retry_after_seconds end as retry_after
                  from given g
                  cross join lateral (
                       select step, ladder_id, channel, sender_id from outrider.events i
                        where i.job_id = g.job_id and i.generation = g.generation and i.kind = 'intent'
                          and i.status = 'taken' and i.token = g.token offset 0) i
                  left join outrider.error_codes c on c.provider = g.provider and c.code = g.code
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
            ), opted_out as (
                insert into outrider.suppressions (address, channel, reason, source)
                select distinct on (j.address, c.channel) j.address, c.channel, 'provider ' || coalesce(f.code, f.status),
                       f.provider || ' receipt for job ' || f.job_id
                  from fresh f
                  cross join lateral (
                       select case when f.channel = 'email' then lower(coalesce(address, email))
                                   else coalesce(address, phone) end as address
                         from outrider.jobs where id = f.job_id offset 0) j
                  cross join unnest(case when f.channel = 'email' then '{email}'::text[]
                                         else '{sms,voice,whatsapp}' end) as c (channel)
                 where f.class = 'opted_out' and j.address is not null
                 order by 1, 2
                on conflict do nothing
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
    /// When one batch holds several words of one person, the last one counts. A listed message is old news, and comes after
    /// messages that were sent later: its word counts only if the person said nothing else since, so that the order of
    /// learning changes nothing. Of two words that the clocks cannot tell apart, STOP counts: a webhook's is the
    /// database's, a listing's the provider's.
    static let storeInbound = Statement(
        name: "inbound.store",
        sql: """
            with given as materialized (
                select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
                    with ordinality as g (provider_id, channel, from_address, to_address, keyword, sent_at_us, n)
            ), stored as (
                insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword, received_at, is_listed)
                select provider_id, channel, from_address, to_address, keyword,
                       least(clock_timestamp(), to_timestamp(sent_at_us / 1000000.0)), sent_at_us is not null
                  from given order by provider_id, n
                on conflict do nothing
                returning provider_id, received_at, is_listed
            ), fresh as materialized (
                select distinct on (g.provider_id) g.*, s.received_at, s.is_listed
                  from stored s join given g using (provider_id) order by g.provider_id, g.n
            ), moved as (
                insert into outrider.whatsapp_windows as w (address, sender_address, last_inbound_at)
                select from_address, to_address, max(received_at) from fresh where channel = 'whatsapp'
                 group by 1, 2 order by 1, 2
                on conflict (address, sender_address)
                do update set last_inbound_at = greatest(w.last_inbound_at, excluded.last_inbound_at)
            ), last_words as materialized (
                select distinct on (from_address) from_address as address, keyword, provider_id, received_at, is_listed
                  from fresh where keyword in ('stop', 'start')
                 order by from_address, sent_at_us desc nulls first, is_listed and keyword = 'stop' desc, n desc
            ), words as materialized (
                select w.* from last_words w
                 where not w.is_listed
                    or not exists (select from outrider.inbound_messages m
                                    where m.from_address = w.address and m.keyword in ('stop', 'start') and m.keyword <> w.keyword
                                      and case when w.keyword = 'stop' then m.received_at > w.received_at
                                               else m.received_at >= w.received_at
                                                   - case when m.is_listed then interval '0' else interval '1 minute' end end)
            ), stopped as (
                insert into outrider.suppressions (address, channel, reason, source)
                select address, c.channel, 'stop', 'inbound ' || provider_id
                  from words cross join unnest('{sms,voice,whatsapp}'::text[]) as c (channel)
                 where keyword = 'stop' order by address, c.channel
                on conflict do nothing
            ), lifted as (
                update outrider.suppressions s set lifted_at = clock_timestamp()
                  from words w
                 where w.keyword = 'start' and s.address = w.address and s.channel in ('sms', 'voice', 'whatsapp')
                   and s.lifted_at is null and s.reason in ('stop', 'provider 21610')
                   and (not w.is_listed or s.reason = 'stop' or s.created_at < w.received_at)
            )
            select case when f.n is not null then 'new' else 'repeated' end as fate
              from given g left join fresh f on f.n = g.n
             order by g.n
            """)

    /// Adds suppressions that are not in force yet.
    static let storeSuppressions = Statement(
        name: "suppressions.store",
        sql: """
            with given as materialized (
                select lower(address) as address, channel, reason, source, n
                  from unnest($1::text[], $2::text[], $3::text[], $4::text[])
                    with ordinality as g (address, channel, reason, source, n)
            ), stored as (
                insert into outrider.suppressions (address, channel, reason, source)
                select address, channel, reason, source from given order by address, channel, n
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
