-- Stores receipts of attempts we know, has their jobs looked at, and does what `Consequence` says of those that were new.
--
-- - A receipt that comes too late is told apart (outrider.late_news): `duplicate` when the attempt was taken for not sent
--   and was repeated, `late delivery` when the next step had begun. It is the rule of `JobHistory.lateNews`, in SQL because
--   this statement reads no history, and here because a worker does not look at a job that has ended.
-- - The attempt is looked up row by row (`lateral … offset 0`). A plan that joins whole partitions to a hundred receipts
--   is a thousand times slower.
-- - Rows are inserted in the order of their key, so that two gateways never wait for each other in a circle.
-- - The due row's `at` is read after the event's insert: a worker's watermark relies on it.
-- - A phone is closed to the tenants of the sender that wrote to it, mail to all: they share the provider's list of it.
-- - A receipt may be the first to tell a message's id, when no answer did. Its row in `adopted_sends` keeps every listing
--   from taking the message for another attempt's.
--
-- $1 job ids, $2 attempts, $3 tokens, $4 statuses, $5 levels, $6 codes, $7 classes, $8 the provider's ids, $9 seconds to wait
-- before a retry, $10 whether the job must be looked at, $11 what to suppress: channels, each with a category or none for all
-- of them, such as {sms:,voice:marketing}, $12 why, $13 why the sender counts as refused (null: it does not), $14 seconds of a
-- pause, $15 how many such jobs are enough for one, $16 whether it says that something of the sender got through,
-- $17 on which channels it calls the number dead, such as {sms,whatsapp} (null: on none), $18 on which channel it says that the
-- number is alive (null: on none).
-- Run by outrider_gateway.
with given as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[]::integer[], $10::boolean[], $11::text[], $12::text[], $13::text[],
                         $15::integer[], $16::boolean[], $17::text[], $18::text[])
        with ordinality as g (job_id, generation, token, status, level, code, class, provider_id, retry_after, needs_decision,
                              suppressed, suppression_reason, refusal, enough, got_through, dead, alive, n)
), known as materialized (
    select g.*, i.step, i.ladder_id, i.channel, i.sender_id, j.tenant, j.priority, j.address, j.phone, j.email
      from given g
      cross join lateral (
           select step, ladder_id, channel, sender_id from outrider.events i
            where i.job_id = g.job_id and i.generation = g.generation and i.kind = 'intent'
              and i.status = 'taken' and i.token = g.token offset 0) i
      cross join lateral (
           select tenant, outrider.job_priority(category, priority) as priority, address, phone, email
             from outrider.jobs where id = g.job_id offset 0) j
), stored as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level,
                                 provider_id, detail)
    select job_id, generation, 'receipt', status, step, ladder_id, channel, sender_id, code, class, level, provider_id,
           case when retry_after is not null then jsonb_build_object('retry_after', retry_after) end
      from known order by job_id, generation, status, n
    on conflict do nothing returning job_id, generation, status
), fresh as materialized (
    select distinct on (k.job_id, k.generation, k.status) k.* from stored join known k using (job_id, generation, status)
     order by k.job_id, k.generation, k.status, k.n
), placed as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), job_id, outrider.look_lane('decide', priority, channel), 'decide', step, generation, ladder_id
      from fresh where needs_decision returning lane
), named as (
    insert into outrider.adopted_sends (provider_id, tenant, job_id, generation)
    select distinct on (provider_id) provider_id, tenant, job_id, generation from fresh f
     where provider_id is not null
       and not exists (select from outrider.events a
                        where a.job_id = f.job_id and a.generation = f.generation
                          and a.kind = 'answer' and a.status = 'accepted' offset 0)
     order by provider_id, job_id, generation on conflict do nothing
), suppressed as (
    insert into outrider.suppressions (address, channel, tenant, category, reason, source)
    select distinct on (1, 2, 3, 4) outrider.one_spelling(outrider.address_on(c.channel, f.address, f.phone, f.email)), c.channel,
           t.tenant, c.category, f.suppression_reason, 'the provider''s word about job ' || f.job_id
      from fresh f cross join lateral (select split_part(p, ':', 1), split_part(p, ':', 2) from unnest(f.suppressed::text[]) as p) as c (channel, category)
     cross join lateral unnest(case when c.channel = 'email' then array[''] else outrider.tenants_of_sender(f.sender_id) end) as t (tenant)
     where outrider.address_on(c.channel, f.address, f.phone, f.email) is not null
     order by 1, 2, 3, 4, f.suppression_reason on conflict do nothing
), told_late as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, provider_id, reason)
    select f.job_id, f.generation, 'reconciled', l.finding, f.step, f.ladder_id, f.channel, f.sender_id, l.followed_by,
           f.provider_id, l.reason
      from fresh f cross join lateral outrider.late_news(f.job_id, f.generation, f.level) l
     where f.level is not null order by f.job_id, f.generation on conflict do nothing
)
select case when f.n is not null then 'new' when k.n is not null then 'repeated' else 'unknown' end as fate,
       outrider.sender_refused(f.sender_id, f.job_id, f.refusal, f.enough, $14) as is_paused,
       (select outrider.senders_got_through(array_agg(distinct sender_id)) from fresh where got_through) as cleared,
       (select outrider.note_dead(array_agg(job_id), array_agg(dead), array_agg(code), array_agg(class)) from fresh where dead is not null) as dead,
       (select outrider.note_alive(array_agg(job_id), array_agg(alive)) from fresh where alive is not null) as alive,
       (select outrider.announce(min(lane)) is null from placed) as hint
  from given g left join known k on k.n = g.n left join fresh f on f.n = g.n order by g.n
