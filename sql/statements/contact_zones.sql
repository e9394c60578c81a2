-- The offsets of every zone that a job may name, from two days ago to sixty days ahead: as far as quiet hours can reach. First each
-- zone's offset at the begin, then each change until another.
-- Run by outrider_worker.
select n.name as zone, c.at, c.utc_offset
  from pg_timezone_names n
 cross join lateral outrider.zone_changes(n.name, clock_timestamp() - interval '2 days', clock_timestamp() + interval '60 days') c
 where n.name !~ '^(posix|right)/'
