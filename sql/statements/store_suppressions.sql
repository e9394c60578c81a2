-- Adds suppressions that are not in force yet for their reason. One that was lifted after what the event reports is not added
-- again, so an event that is repeated changes nothing. A return to a group holds back departures from that group alone. It binds
-- every tenant: they share the provider's list.
--
-- $1 addresses, $2 channels, $3 reasons, $4 sources, $5 when the news is from, in microseconds (null: now), $6 of each the
-- categories, such as {marketing} (an empty one is each).
-- Run by outrider_gateway.
with given as materialized (
    select outrider.one_spelling(address) as address, channel, reason, source, to_timestamp(at / 1e6) as at, categories, n
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]::bigint[], $6::text[])
        with ordinality as g (address, channel, reason, source, at, categories, n)
), stored as (
    insert into outrider.suppressions (address, channel, category, reason, source, created_at)
    select address, channel, category, reason, source, least(at, clock_timestamp())
      from given g cross join lateral unnest(g.categories::text[]) as k (category)
     where not exists (select from outrider.suppressions s
                        where s.address = g.address and s.channel = g.channel and s.lifted_at > g.at
                          and s.tenant = '' and s.category in ('', k.category)
                          and (not starts_with(s.reason, 'group_unsubscribe') or s.reason = g.reason) offset 0)
     order by address, channel, category, n
    on conflict do nothing
    returning address, channel
), fresh as (
    select min(n) as n from stored join given using (address, channel) group by address, channel
)
select case when f.n is not null then 'new' else 'repeated' end as fate
  from given g left join fresh f on f.n = g.n
 order by g.n
