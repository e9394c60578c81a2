-- Takes what has ended into the tallies, and says whether there is more to take at once.
-- Run by outrider_worker.
select outrider.tally() as has_more
