-- The offsets of every zone that a job may name, from two days ago to sixty days ahead: as far as quiet hours can reach. First each
-- zone's offset at the begin, then each change until another. Few zones change their clocks in that time: only those are looked at
-- closely, as each worker asks this when it starts.
-- Run by outrider_worker.
with days as materialized (
    select n.name as zone, extract(epoch from (t at time zone n.name) - (t at time zone 'UTC'))::integer as utc_offset
      from pg_timezone_names n
     cross join generate_series(statement_timestamp() - interval '2 days', statement_timestamp() + interval '61 days', interval '1 day') t
     where n.name !~ '^(posix|right)/'
), zones as (
    select zone, min(utc_offset) as least, max(utc_offset) as most from days group by zone
)
select zone, null::bigint as at, least as utc_offset from zones where least = most
union all
select zone, c.at, c.utc_offset
  from zones
 cross join lateral outrider.zone_changes(zone, statement_timestamp() - interval '2 days', statement_timestamp() + interval '60 days') c
 where least <> most
