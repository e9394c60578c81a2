-- Stores receipts of attempts we know, wakes their jobs, and suppresses who is reported as opted out.
--
-- - A receipt that comes too late is told apart (outrider.late_news): `duplicate` when the attempt was taken for not sent
--   and was repeated, `late delivery` when the next step had begun. The worker cannot do it, as it does not look at a
--   job that has ended.
-- - The attempt is looked up row by row (`lateral … offset 0`). A plan that joins whole partitions to a hundred receipts
--   is a thousand times slower.
-- - Rows are inserted in the order of their key, so that two gateways never wait for each other in a circle.
-- - The due row's `at` is read after the event's insert: a worker's watermark relies on it.
-- - A receipt may be the first to tell a message's id, when no answer did. Its row in `adopted_sends` keeps every listing
--   from taking the message for another attempt's.
--
-- $1 job ids, $2 attempts, $3 tokens, $4 statuses, $5 providers, $6 levels, $7 codes, $8 classes as the provider's ways
-- tell them, $9 classes to fall back on (null: no failure), $10 the provider's ids, $11 whether the job must be looked at.
-- Run by outrider_gateway.
with given as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[], $10::text[], $11::boolean[])
        with ordinality as g (job_id, generation, token, status, provider, level, code, failure_class, default_class,
                              provider_id, needs_decision, n)
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
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level,
                                 provider_id, detail)
    select job_id, generation, 'receipt', status, step, ladder_id, channel, sender_id, code, class, level, provider_id,
           case when retry_after is not null then jsonb_build_object('retry_after', retry_after) end
      from known order by job_id, generation, status, n
    on conflict do nothing returning job_id, generation, status
), fresh as materialized (
    select distinct on (k.job_id, k.generation, k.status) k.* from stored join known k using (job_id, generation, status)
     order by k.job_id, k.generation, k.status, k.n
), woken as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), job_id, 0, 'decide', step, generation, ladder_id from fresh where needs_decision returning job_id
), named as (
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
      cross join lateral (select outrider.address_on(f.channel, address, phone, email) as address
                            from outrider.jobs where id = f.job_id offset 0) j
      cross join unnest(case when f.channel = 'email' then '{email}' else outrider.phone_channels() end) as c (channel)
     where f.class = 'opted_out' and j.address is not null
     order by 1, 2
    on conflict do nothing
), told_late as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, provider_id, reason)
    select f.job_id, f.generation, 'reconciled', l.finding, f.step, f.ladder_id, f.channel, f.sender_id, l.followed_by,
           f.provider_id, l.reason
      from fresh f cross join lateral outrider.late_news(f.job_id, f.generation, f.level) l
     where f.level is not null order by f.job_id, f.generation
    on conflict do nothing
)
select case when f.n is not null then 'new' when k.n is not null then 'repeated' else 'unknown' end as fate,
       (select count(outrider.hint_due() is null) from (select from woken limit 1) w) as hints
  from given g left join known k on k.n = g.n left join fresh f on f.n = g.n
 order by g.n
