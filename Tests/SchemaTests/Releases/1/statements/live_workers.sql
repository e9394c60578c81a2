-- Workers whose heartbeat is younger than a minute. After that the others take over their leases.
-- Run by outrider_gateway, outrider_operator.
select id, host, version, state,
       greatest(0, extract(epoch from clock_timestamp() - heartbeat_at))::float8 as heartbeat_age_seconds
  from outrider.workers
 where heartbeat_at > clock_timestamp() - interval '60 seconds'
 order by id limit 1000
