-- Takes what commits added into the counts of campaigns, and says whether there is more.
-- Run by outrider_worker.
select outrider.fold_campaign_counts() as has_more
