-- Gives one worker the task to read the providers' lists: once when the database was found to be displaced, then every
-- five minutes, or a minute after a look that came to nothing. Says from when on the database may lack what was sent: its
-- newest intent or outcome.
-- Run by outrider_worker.
with claimed as (
    update outrider.witness set asked_at = clock_timestamp()
     where outrider.displacement() is not null
       and (asked_at is null or asked_at < clock_timestamp() - case when finished_at > asked_at then interval '5 minutes' else interval '1 minute' end)
    returning 1
)
select (extract(epoch from greatest(clock_timestamp() - interval '30 days', least(clock_timestamp(), n.at) - interval '1 minute')) * 1000000)::bigint as since
  from claimed
 cross join lateral (
       select greatest((select e.at from outrider.events e where e.kind = 'outcome' and e.code <> 'canceled' order by e.at desc limit 1),
                       (select max(e.at) from (select id from outrider.jobs order by id desc limit 2000) j
                         cross join lateral (select at from outrider.events where job_id = j.id and kind = 'intent' offset 0) e)) as at) n
