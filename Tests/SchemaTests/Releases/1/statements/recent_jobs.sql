-- The newest jobs. Their ids are picked first, so that the view reads the events of these jobs and no others.
--
-- $1 the most jobs.
-- Run by outrider_gateway, outrider_operator.
select id, kind, category, coalesce(ladder, '') as ladder, coalesce(channel, '') as channel, state, attempts,
       coalesce(reason, '') as reason,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
       to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at
  from outrider.job_status
 where id = any (array(select id from outrider.jobs order by id desc limit $1::integer))
 order by id desc
