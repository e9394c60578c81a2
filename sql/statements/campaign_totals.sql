-- The counts of a campaign as of now. $1 its id.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select wave, variant, country, channel, outcome, class, people, begun, attempts, segments, ended
  from outrider.campaign_totals where campaign_id = $1::integer order by 1, 2, 3, 4, 5, 6
