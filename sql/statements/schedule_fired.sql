-- The times of a schedule between two instants that a backfill would leave, in microseconds since 1970. $1 schedule, $2 from, $3 until, the same way.
-- Run by outrider_app, outrider_operator.
select (extract(epoch from nominal_at) * 1000000)::bigint as nominal
  from outrider.schedule_fire_history
 where schedule_id = $1::integer and outcome = 'fired'
   and nominal_at between to_timestamp($2::bigint / 1000000.0) and to_timestamp($3::bigint / 1000000.0)
