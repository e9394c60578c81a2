-- What decides whether sending can go on: one row. A worker counts as alive for three heartbeats.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as is_read_only,
       outrider.displacement() as displacement,
       (select max(number) from outrider.schema_migrations) as schema_number,
       (select count(*) from outrider.workers where heartbeat_at > clock_timestamp() - interval '16 seconds') as workers,
       (select count(*) from outrider.gateways where beat_at > clock_timestamp() - interval '16 seconds') as gateways
