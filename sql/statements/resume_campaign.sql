-- Lets a paused campaign go on. $1 name, $2 reason, $3 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.resume_campaign($1::text, coalesce($3::text, outrider.current_tenant()), $2::text) as answer
