-- Notes which campaigns have nobody left.
-- Run by outrider_worker.
select outrider.finish_campaigns() as finished
