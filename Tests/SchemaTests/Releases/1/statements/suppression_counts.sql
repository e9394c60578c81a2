-- How many addresses are suppressed on each channel.
-- Run by outrider_gateway, outrider_operator.
select channel, count(*) as count from outrider.suppressions where lifted_at is null group by 1 order by 1
