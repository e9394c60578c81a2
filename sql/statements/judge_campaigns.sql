-- Pauses campaigns that may not go on, and says why. $1 those of which there is news.
-- Run by outrider_worker.
select id, reason from outrider.judge_campaigns($1::integer[])
