-- Sends that nobody could account for at first, what became of them, and what was learnt too late: all of the last 24
-- hours. At most $1 of each are read, the oldest first: where there are more, there are at least so many.
--
-- $1 the most that are read of each.
-- Run by outrider_gateway, outrider_operator.
with unknown as materialized (
    select status, channel from outrider.events
     where kind = 'answer' and status in ('unknown', 'lost') and at > statement_timestamp() - interval '24 hours'
     order by at limit (select $1 + 1)
), reconciled as materialized (
    select status, code from outrider.events
     where kind = 'reconciled' and at > statement_timestamp() - interval '24 hours' order by at limit (select $1 + 1)
)
select 'unknown' as finding, status as word, coalesce(channel, '') as channel, count(*) as count,
       (select count(*) from unknown) <= $1 as is_exact
  from unknown group by 1, 2, 3
union all
select status, coalesce(code, ''), '', count(*), (select count(*) from reconciled) <= $1
  from reconciled where status in ('resolved', 'duplicate', 'late delivery')
 group by 1, 2
 order by 1, 2, 3
