-- The campaigns that have jobs to feed, and those that are over and have jobs to end.
-- Run by outrider_worker.
select id, is_over from outrider.campaigns_to_tend()
