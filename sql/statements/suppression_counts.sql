-- How many addresses are suppressed on each channel: each once, for however many reasons. At most $1 suppressions are read: where there are more, the figures are
-- those that a worker counted last, some minutes ago, or else there are at least so many.
--
-- $1 the most that are read.
-- Run by outrider_gateway, outrider_operator.
with read as materialized (
    select channel, address from outrider.suppressions where lifted_at is null limit (select $1 + 1)
), extent as materialized (
    select count(*) <= $1 as is_whole from read
)
select c.channel, coalesce(case when is_whole then r.n else greatest(t.count, r.n) end, 0) as count, is_whole as is_exact
  from unnest(array['sms', 'voice', 'whatsapp', 'email']) with ordinality as c (channel, position)
 cross join extent
  left join (select channel, count(distinct address) as n from read group by 1) r using (channel)
  left join outrider.suppression_tallies t using (channel)
 order by c.position
