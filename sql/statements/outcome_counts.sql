-- How jobs ended in the last 24 hours, by outcome and the channel that ended them.
-- Run by outrider_gateway, outrider_operator.
select coalesce(code, status) as outcome, coalesce(channel, '') as channel, count(*) as count
  from outrider.events
 where kind = 'outcome' and at > clock_timestamp() - interval '24 hours'
 group by 1, 2 order by 1, 2
