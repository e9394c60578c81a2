-- Makes a campaign. $1 name, $2 channel, $3 ladder, $4 category, $5 body, $6 subject, $7 template, $8 data, $9 locale, $10 time zone,
-- $11 audience, $12 start, $13 end, $14 reason, $15 tenant, $16 variants as JSON, $17 percent held out; the window: $18 opens, $19 closes,
-- $20 days; budgets: $21 messages, $22 segments, $23 money, $24 its currency; the most percent of results that may be $25 filtered,
-- $26 opted out, $27 not set up.
-- Run by outrider_app, outrider_operator.
select outrider.create_campaign(
           $1::text, channel => $2::text, ladder => $3::text, category => coalesce($4::text, 'marketing'), body => $5::text,
           subject => $6::text, template => $7::text, data => coalesce($8::jsonb, '{}'), locale => coalesce($9::text, 'en'),
           time_zone => coalesce($10::text, 'UTC'), audience => $11::text, starts_at => $12::timestamptz, not_after => $13::timestamptz,
           reason => $14::text, tenant => coalesce($15::text, outrider.current_tenant()), variants => $16::jsonb,
           holdout_percent => coalesce($17::numeric, 0), opens => $18::time, closes => $19::time,
           days => coalesce($20::integer[], '{1,2,3,4,5,6,7}'), budget_messages => $21::bigint, budget_segments => $22::bigint,
           budget_money => $23::numeric, budget_currency => $24::text, filtered_percent => $25::numeric,
           opted_out_percent => $26::numeric, configuration_percent => $27::numeric) as id
