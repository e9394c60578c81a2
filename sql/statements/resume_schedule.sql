-- Lets a schedule fire again. $1 name, $2 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.resume_schedule($1::text, coalesce($2::text, outrider.current_tenant())) as answer
