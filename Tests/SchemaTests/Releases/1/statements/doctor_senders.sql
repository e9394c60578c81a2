-- How many senders each channel has, and how many of them are paused.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select channel, count(id) filter (where enabled) as enabled,
       count(id) filter (where enabled and paused_until > clock_timestamp()) as paused
  from unnest(array['sms', 'voice', 'whatsapp', 'email']) with ordinality as c (channel, position)
  left join outrider.senders using (channel) group by channel, position order by position
