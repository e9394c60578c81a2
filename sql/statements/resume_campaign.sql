-- Lets a paused campaign go on. $1 name, $2 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.resume_campaign($1::text, coalesce($2::text, outrider.current_tenant())) as answer
