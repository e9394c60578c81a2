-- Campaigns of which a count is wrong, and those that were too large to be looked at.
-- Run by outrider_worker, outrider_operator.
select tenant, name, what, counted, found from outrider.miscounted_campaigns()
