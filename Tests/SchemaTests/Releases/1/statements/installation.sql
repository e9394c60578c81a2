-- Which of the fleet's databases this is.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select shard from outrider.installation
