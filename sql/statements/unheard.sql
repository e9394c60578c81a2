-- How far back the number goes of which it is longest unknown what people wrote to it. A number that nobody has looked at
-- for hours is no number of ours any more, or no worker lives.
--
-- A worker notes what gateways have brought. Where none does, the gateways' own heartbeats say it: while all that serve have
-- served since before the last note, they have brought everything.
-- Run by outrider_gateway, outrider_operator.
select extract(epoch from clock_timestamp() - min(case when g.is_covered then greatest(c.seen_until, g.beat_at) else c.seen_until end))::float8
           as age_seconds
  from outrider.catch_ups c
  left join lateral (
       select bool_and(g.up_since <= c.seen_until and g.beat_at > clock_timestamp() - interval '30 seconds') as is_covered,
              min(g.beat_at) as beat_at
         from outrider.gateways g where g.beat_at > c.seen_until) g on true
 where c.look_at > clock_timestamp() - interval '2 hours'
