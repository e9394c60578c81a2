-- Blocks of numbers that look pumped, the newest first: those that are stopped, and those that are only recorded.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select prefix, messages, arrived, share_elsewhere::float8 as share_elsewhere, was_enforced,
       greatest(0, extract(epoch from clock_timestamp() - at))::float8 as seconds
  from outrider.prefix_stops where until > clock_timestamp() order by at desc limit 100
