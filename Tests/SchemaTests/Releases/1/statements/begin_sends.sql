-- The fence of sends: inserts the intents of those that the rules let go, and one lease for them.
--
-- - Its snapshot is younger than that of the take. A suppression, an outcome or a pause that was committed between the two
--   is seen here, so no intent follows it.
-- - Of messages that a provider's listing cannot tell apart, one at a time is on its way: whoever inserts the row of
--   `open_sends` has the intent. The others are looked at again in 1 to 10 s, by how long it has taken so far; one with
--   patience goes beside it when that is over, marked.
-- - The primary key of events is the fence: of two due rows for one attempt the first counts.
-- - `(… in (select …)) is true` keeps PostgreSQL from joining two lists row by row: it looks up one in a hash of the other.
--
-- $1 jobs, each once, $2 generations, $3 steps, $4 ladders, $5 channels, $6 addresses, $7 keys, $8 tenants, $9 patience in seconds (null:
-- without end), $10 costs, $11 worker, $12 sender id, $13 lane, $14 campaign id, $15 when they were taken, µs.
-- Run by outrider_worker.
with asked as materialized (
    select a.*, o.since,
           not exists (select from outrider.suppressions s
                        where s.address = a.address and s.channel = a.channel and s.tenant in ('', a.tenant)
                          and s.lifted_at is null offset 0)
           and not exists (select from outrider.events e
                            where e.job_id = a.job_id and e.generation = 0 and e.kind || '' = 'outcome' offset 0)
           and not exists (select from outrider.campaigns c where c.id = $14::integer and c.paused_at is not null) as is_allowed
      from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::text[],
                  $9::double precision[], $10::smallint[])
           with ordinality as a (job_id, generation, step, ladder_id, channel, address, key, tenant, patience, cost, n)
      left join lateral (select since from outrider.open_sends where key = a.key offset 0) o on true
), opened as (
    insert into outrider.open_sends (key, tenant, job_id, generation)
    select key, tenant, job_id, generation from asked where is_allowed order by key, n
    on conflict do nothing returning job_id
), begun as (
    insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, worker, token, code)
    select job_id, generation, 'intent', 'taken', to_timestamp($15::bigint / 1000000.0), step, ladder_id, channel,
           nullif($12::integer, 0), $11, gen_random_uuid(), case when not is_opened then 'beside' end
      from (select *, job_id in (select job_id from opened) as is_opened from asked) a
     where is_allowed and (is_opened or since < clock_timestamp() - make_interval(secs => patience))
     order by job_id, generation
    on conflict do nothing returning job_id, generation, step, ladder_id, token
), returned as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select clock_timestamp()
           + case when not is_allowed then interval '0'
                  else make_interval(secs => least(
                           greatest(1, extract(epoch from clock_timestamp() - since)::double precision / 4), 10, patience + 0.1)) end,
           job_id, $13::integer, 'dispatch', step, generation, ladder_id, cost
      from asked where (job_id in (select job_id from begun)) is not true
), lease as (
    insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
    select $11, array_agg(job_id), array_agg(generation), array_agg(step), array_agg(ladder_id), array_agg('dispatch'::text)
      from begun having count(*) > 0
    returning id
)
select b.job_id, b.generation, b.token::text as token, l.id as lease_id from begun b cross join lease l
