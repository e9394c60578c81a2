-- Deletes old rows of times that did not fire.
-- Run by outrider_worker.
select outrider.forget_fires() as forgotten
