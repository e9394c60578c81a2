-- What a campaign has cost so far. $1 its id. A currency is empty where no price is known.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select variant, channel, country, messages, segments, coalesce(currency, '') as currency, coalesce(cost, 0)::float8 as cost
  from outrider.campaign_costs where campaign_id = $1::integer order by currency, 1, 2, 3
