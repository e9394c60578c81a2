-- Stops blocks of numbers that look pumped, and says which.
-- Run by outrider_worker.
select prefix, messages, arrived, share_elsewhere::float8 as share_elsewhere, was_enforced from outrider.judge_prefixes()
