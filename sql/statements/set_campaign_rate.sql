-- Limits how many messages of a campaign are begun a second. $1 name, $2 how many (null: no limit), $3 reason, $4 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.set_campaign_rate($1::text, $2::numeric, $3::text, coalesce($4::text, outrider.current_tenant())) as answer
