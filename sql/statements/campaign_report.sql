-- The exact counts of a campaign. $1 name, $2 tenant.
-- Run by outrider_operator.
select wave, variant, country, channel, outcome, class, people, begun, attempts, segments, ended
  from outrider.campaign_report($1::text, coalesce($2::text, outrider.current_tenant()))
