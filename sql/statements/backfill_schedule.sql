-- Fires times that have passed. $1 name, $2 from, $3 until, $4 reason, $5 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.backfill_schedule($1::text, $2::timestamptz, $3::timestamptz, $4::text, coalesce($5::text, outrider.current_tenant())) as answer
