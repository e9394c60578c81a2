-- Deletes digests of people of campaigns into which nobody can be loaded any more, and says whether there may be more.
-- Run by outrider_worker.
select outrider.forget_members() as has_more
