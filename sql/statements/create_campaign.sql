-- Makes a campaign. $1 name, $2 channel, $3 ladder, $4 category, $5 body, $6 subject, $7 template, $8 data, $9 locale, $10 time zone,
-- $11 audience, $12 start, $13 end, $14 reason, $15 tenant.
-- Run by outrider_app, outrider_operator.
select outrider.create_campaign(
           $1::text, channel => $2::text, ladder => $3::text, category => coalesce($4::text, 'marketing'), body => $5::text,
           subject => $6::text, template => $7::text, data => coalesce($8::jsonb, '{}'), locale => coalesce($9::text, 'en'),
           time_zone => coalesce($10::text, 'UTC'), audience => $11::text, starts_at => $12::timestamptz, not_after => $13::timestamptz,
           reason => $14::text, tenant => coalesce($15::text, outrider.current_tenant())) as id
