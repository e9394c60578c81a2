-- What processes report that keeps them from sending: those that reported in the last moments.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select cause, scope, max(detail) as detail, count(*) as processes,
       greatest(0, extract(epoch from clock_timestamp() - min(since)))::float8 as seconds
  from outrider.troubles where seen_at > clock_timestamp() - interval '15 seconds'
 group by cause, scope order by cause, scope limit 100
