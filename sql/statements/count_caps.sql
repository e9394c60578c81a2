-- Counts under caps what has begun in this transaction, and keeps for which messages a cap had no room.
--
-- - Where a cap counts jobs, a job has one row, however often it is tried. Else a minute has one, which is the takers' alone as
--   long as they hold the lock of its subject.
--
-- $1 caps, $2 keys, $3 weights, $4 jobs, $5 generations, $6 job or minute; of the hits $7 caps, $8 jobs, $9 1 for those that were
-- kept back.
-- Run by outrider_worker.
with counted as (
    insert into outrider.cap_uses (cap_id, key, slot, at, weight, prefix)
    select u.cap_id, u.key, case u.slot when 'job' then u.job_id else -floor(extract(epoch from clock_timestamp()) / 60)::bigint end as slot,
           clock_timestamp(), case u.slot when 'job' then max(u.weight) else sum(u.weight) end,
           max((select left(coalesce(j.address, j.phone), -c.open_digits) from outrider.caps c cross join outrider.jobs j
                 where c.id = u.cap_id and c.subject = 'prefix' and j.id = u.job_id))
      from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::text[]) u (cap_id, key, weight, job_id, generation, slot)
     where exists (select from outrider.events e
                    where e.job_id = u.job_id and e.generation = u.generation and e.kind = 'intent' offset 0)
     group by 1, 2, 3, u.slot order by 1, 2, 3
    on conflict (cap_id, key, slot) do update
       set weight = cap_uses.weight + excluded.weight, at = excluded.at where excluded.slot < 0
)
insert into outrider.cap_hits (cap_id, job_id, was_enforced)
select distinct on (cap_id, job_id) cap_id, job_id, was_enforced = 1
  from unnest($7::smallint[], $8::bigint[], $9::integer[]) h (cap_id, job_id, was_enforced)
 order by cap_id, job_id
on conflict do nothing
