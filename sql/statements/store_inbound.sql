-- Stores inbound messages once, and only then lets them have an effect. A WhatsApp window moves. STOP suppresses. START
-- lifts what a STOP or the provider's own block (21610, 63033 and their kin) had suppressed, never what an operator did.
--
-- - A word binds the tenants of the number that it was sent to (outrider.tenants_of_number), and START opens what STOP
--   closed for the same ones. What a STOP closed for all, as it was not known whose number it was, opens once each tenant to
--   whose numbers the person ever wrote STOP has heard START.
-- - The person's last word to a tenant counts, in whatever order the words are learnt. Of two words of one second, STOP counts.
-- - Only the provider's list knows when a message was written. One that a webhook brought gets that time once a list
--   shows it.
-- - Webhooks come in any order: one may be repeated for 15 s, and a gateway that was frozen or waited for the database
--   takes its backlog at once. So a START within a minute of a STOP lifts nothing until a list has shown both, and the
--   list is asked for soon (`catch_ups.asked_at`).
-- - A stored row that was there before has a transaction's mark (xmax), as it was updated.
-- - `started` holds whose surely last word to a tenant is START. `doubted` holds whose last word only a list can tell.
--
-- $1 the provider's ids, $2 channels, $3 from addresses, $4 to addresses, $5 keywords, $6 when they were sent, in
-- microseconds (null: a webhook brought it).
-- Run by outrider_gateway, outrider_worker.
with given as materialized (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
        with ordinality as g (provider_id, channel, from_address, to_address, keyword, sent_at_us, n)
), stored as (
    insert into outrider.inbound_messages as m (provider_id, tenant, channel, from_address, to_address, keyword, received_at,
                                                sent_at, is_listed)
    select distinct on (provider_id) provider_id, outrider.tenant_of_number(to_address), channel, outrider.one_spelling(from_address),
           to_address, keyword, least(clock_timestamp(), to_timestamp(sent_at_us / 1000000.0)), to_timestamp(sent_at_us / 1000000.0),
           sent_at_us is not null
      from given order by provider_id, sent_at_us, n
    on conflict (provider_id) do update set sent_at = excluded.sent_at where excluded.sent_at is not null and m.sent_at is null
    returning m.*, xmax = 0 as is_new
), moved as (
    insert into outrider.whatsapp_windows as w (address, sender_address, last_inbound_at)
    select from_address, to_address, max(received_at) from stored where channel = 'whatsapp' and is_new
     group by 1, 2 order by 1, 2
    on conflict (address, sender_address) do update set last_inbound_at = greatest(w.last_inbound_at, excluded.last_inbound_at)
), speakers as materialized (
    select distinct s.from_address as address from stored s join given g using (provider_id) where g.keyword in ('stop', 'start')
), words as materialized (
    select provider_id, from_address as address, t.tenant, channel, to_address, keyword, coalesce(sent_at, received_at) as at,
           sent_at is not null as is_exact, is_new, true as is_told
      from stored s cross join unnest(outrider.tenants_of_word(s.tenant, to_address)) as t (tenant) where keyword in ('stop', 'start')
    union all
    select w.provider_id, p.address, w.tenant, w.channel, w.to_address, w.keyword, w.at, w.is_exact, false, false
      from speakers p cross join lateral outrider.words_by_tenant(p.address) w where w.provider_id not in (select provider_id from stored)
), started as materialized (
    select s.address, s.tenant, max(s.at) as at, (array_agg(s.provider_id order by s.at desc, s.provider_id))[1] as provider_id
      from words s join speakers using (address) where s.keyword = 'start'
       and not exists (select from words p
                        where p.address = s.address and p.tenant = s.tenant and p.keyword = 'stop'
                          and p.at >= s.at - case when p.is_exact and s.is_exact then interval '0' else interval '1 minute' end)
     group by 1, 2
), stopped as (
    insert into outrider.suppressions (address, channel, tenant, category, reason, source)
    select w.address, c.channel, w.tenant, k.category, 'stop', 'inbound ' || min(w.provider_id)
      from words w cross join unnest(outrider.phone_channels()) as c (channel)
     cross join unnest(outrider.stop_categories(w.tenant, w.at)) as k (category)
     where w.keyword = 'stop' and w.is_new and (w.address, w.tenant) not in (select address, tenant from started)
     group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict do nothing
), lifted as (
    update outrider.suppressions s set lifted_at = clock_timestamp(), lifted_by = 'inbound ' || w.provider_id, lift_reason = 'start'
      from started w
     where s.address = w.address and s.channel = any (outrider.phone_channels()) and s.lifted_at is null
       and (w.address, w.tenant) in (select address, tenant from words where is_told)
       and (s.tenant = w.tenant and (s.reason = 'stop' or s.reason like 'provider %' and s.created_at < w.at)
            or s.tenant = '' and s.reason = 'stop' and not exists (select from words p where p.address = s.address and p.keyword = 'stop'
                                                                     and (p.address, p.tenant) not in (select address, tenant from started)))
), doubted as materialized (
    select one.channel, one.to_address from words one join words other using (address, tenant)
     where (one.is_new or other.is_new) and one.keyword <> other.keyword and not (one.is_exact and other.is_exact)
       and one.at between other.at - interval '1 minute' and other.at + interval '1 minute'
), asked as (
    update outrider.catch_ups c set asked_at = clock_timestamp()
     where exists (select from doubted) and (c.account, c.channel, c.address) in (
           select account, channel, address from outrider.catch_ups where address = '*' or (channel, address) in (select channel, to_address from doubted) order by 1, 2, 3 for update)
)
select case when s.is_new and g.n = min(g.n) over (partition by g.provider_id) then 'new' else 'repeated' end as fate
  from given g left join stored s using (provider_id) order by g.n
