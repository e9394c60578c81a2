-- Takes failures that commits added into the counts of campaigns, and says of which campaigns they are.
-- Run by outrider_worker.
select outrider.fold_failures() as news
