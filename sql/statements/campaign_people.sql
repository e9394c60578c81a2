-- What became of each person of a campaign. $1 name, $2 after this job, $3 the most, $4 tenant.
-- Run by outrider_app, outrider_operator.
select job_id, key, wave, variant, state, outcome, channel, class, reason
  from outrider.campaign_people($1::text, $2::bigint, $3::integer, coalesce($4::text, outrider.current_tenant()))
