-- Deletes old rows of times that did not fire, and texts of sentences that are old.
-- Run by outrider_worker.
select outrider.forget_fires() as forgotten, outrider.forget_wish_texts() as texts
