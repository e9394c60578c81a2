-- Who did what to a campaign, the latest first. $1 its id, $2 the most.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at, login, coalesce(person, '') as person, what,
       coalesce(reason, '') as reason
  from outrider.campaign_history where campaign_id = $1::integer order by id desc limit $2::integer
