-- Purges a part of the jobs that have ended, and of what people wrote, as the retention rules say. Says whether there is more.
-- Run by outrider_worker.
select outrider.purge() or outrider.purge_inbound() as has_more
