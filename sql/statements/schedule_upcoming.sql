-- The next times of a schedule, as a worker found them. $1 schedule, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(u.nominal at time zone s.time_zone, 'Dy YYYY-MM-DD HH24:MI') as local, to_char(u.nominal at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as nominal,
       to_char(u.effective at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as fires
  from outrider.schedule_status s, unnest(s.upcoming, s.upcoming_real) with ordinality as u (nominal, effective, n)
 where s.id = $1::integer and u.effective > clock_timestamp() order by u.n limit $2::integer
