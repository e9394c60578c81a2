-- What became of the times of a schedule, the newest first. $1 schedule, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(nominal_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as nominal, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as decided,
       outcome, coalesce(reason, '') as reason, cause, login, campaign, campaign_id, job_id
  from outrider.schedule_fire_history where schedule_id = $1::integer order by nominal_at desc limit $2::integer
