-- Campaigns that paused by themselves, and of which nobody has decided yet.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select c.name, coalesce(c.paused_reason, '') as reason,
       greatest(0, extract(epoch from clock_timestamp() - l.stopped_at))::float8 as seconds
  from outrider.campaign_limits l join outrider.campaigns c on c.id = l.campaign_id
 where l.stopped_at is not null and c.state = 'paused' order by c.id limit 100
