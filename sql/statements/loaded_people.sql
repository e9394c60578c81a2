-- People of a campaign's jobs, as rows of an audience. $1 name, $2 after this job, $3 the most, $4 tenant.
-- Run by outrider_operator.
select job_id, person
  from outrider.loaded_people($1::text, $2::bigint, $3::integer, coalesce($4::text, outrider.current_tenant()))
