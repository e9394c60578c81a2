-- Counts the suppressions in force, unless that was done some minutes ago. It may take seconds.
-- Run by outrider_worker.
select outrider.tally_suppressions() as is_counted
