-- Notes that the provider refused the sender of an attempt, and stops its sends when enough jobs in a row met that.
--
-- $1 job, $2 attempt, $3 seconds of a stop, $4 why, $5 how many jobs are enough.
-- Run by outrider_worker.
select outrider.sender_refused(sender_id, job_id, $4, $5, $3) as is_paused from outrider.events
 where job_id = $1 and generation = $2 and kind = 'intent' and status = 'taken'
