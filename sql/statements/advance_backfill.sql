-- Fires times of a backfill. $1 backfill, $2 the times as a JSON array, $3 the last of them in µs, or null: there are no more.
-- Run by outrider_worker.
select outrider.advance_backfill($1::integer, $2::jsonb, $3::bigint) as fired
