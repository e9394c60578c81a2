-- The offset of a zone at an instant, then each change until another. $1 zone, $2 from and $3 until, in seconds since 1970.
-- Run by outrider_app, outrider_gateway, outrider_operator, outrider_worker.
select at, utc_offset from outrider.zone_changes($1::text, to_timestamp($2::bigint), to_timestamp($3::bigint))
