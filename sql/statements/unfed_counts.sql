-- Jobs of campaigns that have no due row yet, by whether their time has come. A row for each part of a campaign that was inserted
-- together, so few are read.
-- Run by outrider_gateway, outrider_operator.
select at > statement_timestamp() as is_later, sum(count)::bigint as count
  from outrider.campaign_chunks k
 where not exists (select from outrider.campaigns c where c.id = k.campaign_id and c.state = 'canceled')
 group by 1
