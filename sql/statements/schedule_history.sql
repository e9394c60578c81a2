-- Who did what to a schedule, the newest first. $1 schedule, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at, login, coalesce(person, '') as person, what,
       coalesce(reason, '') as reason
  from outrider.schedule_history where schedule_id = $1::integer order by id desc limit $2::integer
