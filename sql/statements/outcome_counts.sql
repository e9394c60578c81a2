-- How jobs ended in the last 24 hours, by outcome and the channel that ended them: the tallies, and what has ended since the
-- last one. Of that at most $1 are read, the oldest first: where there are more, no worker tallies, or the first tally of a
-- busy database is under way, and the figures are not exact: there are at least so many.
--
-- `order by at` and a limit that the planner cannot see make it walk the index of outcomes from there on.
--
-- $1 the most that are read.
-- Run by outrider_gateway, outrider_operator.
with since as materialized (
    select greatest(outcomes_until, statement_timestamp() - interval '24 hours') as at from outrider.tallying
), rest as materialized (
    select coalesce(e.code, e.status) as outcome, coalesce(e.channel, '') as channel
      from since s
     cross join lateral (
           select o.code, o.status, o.channel from outrider.events o
            where o.kind = 'outcome' and o.at > s.at order by o.at limit (select $1 + 1)) e
)
select outcome, channel, sum(n)::bigint as count, (select count(*) from rest) <= $1 as is_exact
  from (select outcome, channel, count as n from outrider.outcome_tallies
         where until > statement_timestamp() - interval '24 hours'
        union all
        select outcome, channel, count(*) from rest group by 1, 2) t
 group by 1, 2 order by 1, 2
