-- Asks again for those whom nothing reached. $1 name, $2 classes, or null for all, $3 reason, $4 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.retry_campaign($1::text, $2::text[], $3::text, coalesce($4::text, outrider.current_tenant())) as answer
