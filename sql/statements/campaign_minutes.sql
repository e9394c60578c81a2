-- How a campaign went in its last minutes, the oldest first, also those in which nothing happened. $1 its id, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(g.minute at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as minute, coalesce(p.begun, 0) as begun, coalesce(p.ended, 0) as ended
  from (select greatest(min(minute), max(minute) - make_interval(mins => $2::integer - 1)) as first, max(minute) as last
          from outrider.campaign_pace where campaign_id = $1::integer) b
 cross join lateral generate_series(b.first, b.last, interval '1 minute') as g (minute)
  left join outrider.campaign_pace p on p.campaign_id = $1::integer and p.minute = g.minute
 order by g.minute
