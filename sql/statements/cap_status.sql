-- Each cap, and for how many messages it had no room.
-- Run by outrider_operator, outrider_worker, outrider_gateway.
select name, subject, category, channel, tenant, most, money::text as money, currency, extract(epoch from span)::integer as span_seconds,
       excess, mode, last_hour, last_day
  from outrider.cap_status order by name
