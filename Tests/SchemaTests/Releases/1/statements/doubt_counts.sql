-- Sends that nobody could account for at first, what became of them, and what was learnt too late: all of the last 24
-- hours. At most 100,000 of each are read.
-- Run by outrider_gateway, outrider_operator.
select 'unknown' as finding, status as word, coalesce(channel, '') as channel, count(*) as count
  from (select status, channel from outrider.events
         where kind = 'answer' and status in ('unknown', 'lost') and at > statement_timestamp() - interval '24 hours'
         limit 100000) e
 group by 1, 2, 3
union all
select status, coalesce(code, ''), '', count(*)
  from (select status, code from outrider.events
         where kind = 'reconciled' and at > statement_timestamp() - interval '24 hours' limit 100000) e
 where status in ('resolved', 'duplicate', 'late delivery')
 group by 1, 2
 order by 1, 2, 3
