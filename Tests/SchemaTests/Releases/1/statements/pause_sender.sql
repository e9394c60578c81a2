-- Stops sends by the sender of an attempt. $1 job, $2 attempt, $3 seconds, $4 reason.
-- Run by outrider_worker.
select outrider.pause_sender(sender_id, $4, $3) as is_paused from outrider.events
 where job_id = $1 and generation = $2 and kind = 'intent' and status = 'taken'
