-- Fires a schedule now. $1 name, $2 reason, $3 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.trigger_schedule($1::text, $2::text, coalesce($3::text, outrider.current_tenant())) as answer
