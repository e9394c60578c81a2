-- How far back the number goes of which it is longest unknown what people wrote to it. A number that nobody has looked at
-- for hours is no number of ours any more, or no worker lives.
-- Run by outrider_gateway, outrider_operator.
select extract(epoch from clock_timestamp() - min(seen_until))::float8 as age_seconds
  from outrider.catch_ups where look_at > clock_timestamp() - interval '2 hours'
