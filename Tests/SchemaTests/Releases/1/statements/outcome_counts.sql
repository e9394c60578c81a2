-- How jobs ended in the last 24 hours, by outcome and the channel that ended them. The index is walked from there on, as the
-- statement's own time is one value for all rows.
-- Run by outrider_gateway, outrider_operator.
select coalesce(code, status) as outcome, coalesce(channel, '') as channel, count(*) as count
  from outrider.events
 where kind = 'outcome' and at > statement_timestamp() - interval '24 hours'
 group by 1, 2 order by 1, 2
