-- What each provider's code means for the ladder.
-- Run by outrider_worker.
select provider, code, class, retry_after_seconds from outrider.error_codes
