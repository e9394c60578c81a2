-- Who sends, and who is paused, since when and why. A sender that a provider refuses is tried again now and then: until some
-- moments after its pause it counts as paused.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select name, channel, enabled, coalesce(paused_until > clock_timestamp() - interval '15 seconds', false) as is_paused,
       greatest(0, extract(epoch from clock_timestamp() - coalesce(paused_since, paused_until)))::float8 as paused_seconds,
       coalesce(paused_reason, '') as paused_reason
  from outrider.senders order by channel, name limit 1000
