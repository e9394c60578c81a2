-- How a campaign went in its last minutes, the oldest first. $1 its id, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(minute at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as minute, begun, ended
  from (select minute, begun, ended from outrider.campaign_pace where campaign_id = $1::integer
         order by minute desc limit $2::integer) m
 order by m.minute
