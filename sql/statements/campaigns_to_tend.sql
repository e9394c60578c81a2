-- The campaigns that have jobs to feed, and those that were canceled and have jobs to end.
-- Run by outrider_worker.
select id, is_canceled from outrider.campaigns_to_tend()
