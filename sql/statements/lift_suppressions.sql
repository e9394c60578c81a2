-- Lifts suppressions that the person has taken back where they were made: those of these reasons, and not newer than the news.
--
-- The news may come before that of the suppression itself. A lifted row is left for it then, so that what is older than the
-- news is not added later. Who returned to another group of mails has said nothing of this one.
--
-- $1 addresses, $2 channels, $3 reasons, $4 sources, $5 when the news is from, in microseconds (null: now), $6 of each the
-- categories, such as {marketing} (an empty one is each).
-- Run by outrider_gateway.
with given as materialized (
    select outrider.one_spelling(address) as address, channel, reason, source,
           least(to_timestamp(at / 1e6), clock_timestamp()) as at, categories::text[] as categories, n
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]::bigint[], $6::text[])
        with ordinality as g (address, channel, reason, source, at, categories, n)
), lifted as (
    update outrider.suppressions s set lifted_at = clock_timestamp(), lifted_by = g.source, lift_reason = 'resubscribed'
      from given g
     where s.address = g.address and s.channel = g.channel and s.reason = g.reason and s.lifted_at is null
       and s.created_at <= g.at and s.tenant = '' and (s.category = '' or s.category = any (g.categories))
    returning g.n
), noted as (
    insert into outrider.suppressions (address, channel, category, reason, source, created_at, lifted_at, lifted_by, lift_reason)
    select g.address, g.channel, k.category, g.reason, g.source, g.at, g.at, g.source, 'resubscribed'
      from given g cross join lateral unnest(g.categories) as k (category)
     where not exists (select from outrider.suppressions s
                        where s.address = g.address and s.channel = g.channel and s.tenant = '' and s.category in ('', k.category)
                          and (s.lifted_at >= g.at and (not starts_with(s.reason, 'group_unsubscribe') or s.reason = g.reason)
                               or s.reason = g.reason and s.lifted_at is null and s.created_at <= g.at) offset 0)
     order by g.address, g.channel, k.category, g.n
    returning address
)
select case when l.n is not null then 'new' else 'repeated' end as fate
  from given g left join (select min(n) as n from lifted group by n) l on l.n = g.n
 order by g.n
