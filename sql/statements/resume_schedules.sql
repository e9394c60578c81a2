-- Resumes the schedules of a tenant. $1 tag, or null for all, $2 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.resume_schedules($1::text, coalesce($2::text, outrider.current_tenant())) as count
