-- Pauses the schedules of a tenant. $1 reason, $2 tag, or null for all, $3 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.pause_schedules($1::text, $2::text, coalesce($3::text, outrider.current_tenant())) as count
