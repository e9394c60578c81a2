-- The database's clock, in microseconds. Every worker goes by it.
-- Run by outrider_worker.
select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now
