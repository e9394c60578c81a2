-- What carriers and people may miss in the text messages of a campaign. $1 name, $2 tenant.
-- Run by outrider_app, outrider_operator.
select concat('template "', left(template, 100), '"', ' in ' || nullif(locale, ''), ' ', problem, '. ', remedy) as warning
  from outrider.campaign_warnings($1::text, coalesce($2::text, outrider.current_tenant()))
