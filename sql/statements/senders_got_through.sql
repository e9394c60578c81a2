-- Forgets the refusals of the senders of these attempts, because something of them got through. Without refusals it reads no
-- attempt.
--
-- $1 jobs, $2 attempts.
-- Run by outrider_worker.
select outrider.senders_got_through(array(
    select i.sender_id from unnest($1::bigint[], $2::integer[]) as a (job_id, generation)
     cross join lateral (
           select sender_id from outrider.events e
            where e.job_id = a.job_id and e.generation = a.generation and e.kind = 'intent' and e.status = 'taken' offset 0) i
     where exists (select from outrider.senders where refused_jobs <> '{}'))) as cleared
