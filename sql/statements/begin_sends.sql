-- The fence of sends: inserts the intents of those that the rules let go, and one lease for them.
--
-- - Its snapshot is younger than that of the take. A suppression, an outcome or a pause that was committed between the two
--   is seen here, so no intent follows it. Nor does one in a database that was restored or copied, until it is adopted.
-- - Of messages with one key, one at a time is on its way: whoever inserts the row of `open_sends` has the intent. The
--   others are looked at again in 1 to 10 s, by how long it has taken so far; one with patience goes beside it when that
--   is over, marked, with a row under a key of its own. The first wait of an attempt is an event, so that its timeline says it.
-- - The primary key of events is the fence: of two due rows for one attempt the first counts.
-- - What is begun of a campaign is counted in the same commit. What ends of it, a trigger on events counts.
-- - A call is remembered, so that a STOP or a cancel finds it while a provider holds it.
-- - `(… in (select …)) is true` keeps PostgreSQL from joining two lists row by row: it looks up one in a hash of the other.
--
-- $1 jobs, each once, $2 generations, $3 steps, $4 ladders, $5 channels, $6 addresses, $7 keys, $8 likenesses, $9 contents, $10 tenants,
-- $11 patience in seconds (null: no end), $12 costs, $13 worker, $14 sender id, $15 lane, $16 campaign id, $17 when taken, µs,
-- $18 status, $19 code and $20 reason of the event of a wait, $21 categories.
-- Run by outrider_worker.
with asked as materialized (
    select a.*, to_timestamp($17::bigint / 1000000.0) as taken_at, o.since,
           not exists (select from outrider.suppressions s
                        where s.address = outrider.one_spelling(a.address) and s.channel = a.channel and s.tenant in ('', a.tenant)
                          and s.category in ('', a.category) and s.lifted_at is null offset 0)
           and not exists (select from outrider.events e
                            where e.job_id = a.job_id and e.generation = 0 and e.kind || '' = 'outcome' offset 0)
           and not exists (select from outrider.campaigns c where c.id = $16::integer and c.paused_at is not null)
           and (select outrider.is_adopted()) as is_allowed
      from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                  $9::integer[], $10::text[], $11::double precision[], $12::smallint[], $21::text[])
           with ordinality as a (job_id, generation, step, ladder_id, channel, address, key, likeness, content, tenant, patience, cost, category, n)
      left join lateral (select since from outrider.open_sends where likeness = a.likeness and key = a.key limit 1) o on true
), opened as (
    insert into outrider.open_sends (likeness, key, content, tenant, job_id, generation, since, campaign_id)
    select likeness, key, content, tenant, job_id, generation, taken_at, $16 from asked where is_allowed order by likeness, key, n
    on conflict do nothing returning job_id
), beside as (
    insert into outrider.open_sends (likeness, key, content, tenant, job_id, generation, since, campaign_id)
    select likeness, hashint8extended(job_id, generation), content, tenant, job_id, generation, taken_at, $16 from asked
     where is_allowed and since < clock_timestamp() - make_interval(secs => patience)
       and (job_id in (select job_id from opened)) is not true
     order by likeness, job_id on conflict do nothing returning job_id
), begun as (
    insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, worker, token, code)
    select job_id, generation, 'intent', 'taken', taken_at, step, ladder_id, channel, nullif($14::integer, 0), $13,
           gen_random_uuid(), case when is_beside then 'beside' end
      from (select *, (job_id in (select job_id from opened)) is true as is_opened,
                   (job_id in (select job_id from beside)) is true as is_beside from asked) a
     where is_opened or is_beside
     order by job_id, generation
    on conflict do nothing returning job_id, generation, step, ladder_id, token
), waiting as (
    insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, worker, code, reason)
    select job_id, generation, 'deferred', $18, taken_at, step, ladder_id, channel, $13, $19, $20 from asked
     where is_allowed and (job_id in (select job_id from opened)) is not true and (job_id in (select job_id from beside)) is not true
     order by job_id, generation on conflict do nothing
), returned as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select clock_timestamp()
           + case when not is_allowed then interval '0'
                  else make_interval(secs => least(
                           greatest(1, extract(epoch from clock_timestamp() - since)::double precision / 4), 10, patience + 0.1)) end,
           job_id, $15::integer, 'dispatch', step, generation, ladder_id, cost
      from asked where (job_id in (select job_id from begun)) is not true
), counted as (
    insert into outrider.campaign_deltas (campaign_id, wave, variant, country, channel, begun, attempts, segments)
    select $16::integer, j.wave, coalesce(j.variant, ''), outrider.calling_code(a.address), a.channel,
           count(*) filter (where a.generation = 1 or not exists (
               select from outrider.events i where i.job_id = a.job_id and i.generation < a.generation and i.kind = 'intent' offset 0)),
           count(*), sum(a.cost)
      from asked a cross join lateral (select wave, variant from outrider.jobs where id = a.job_id offset 0) j
     where $16::integer is not null and (a.job_id in (select job_id from begun)) is true group by 2, 3, 4, 5
), lease as (
    insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
    select $13, array_agg(job_id), array_agg(generation), array_agg(step), array_agg(ladder_id), array_agg('dispatch'::text)
      from begun having count(*) > 0 returning id
)
select b.job_id, b.generation, b.token::text as token, l.id as lease_id, (select outrider.note_calls(array_agg(a.job_id), array_agg(a.generation), array_agg(a.address),
           array_agg(a.tenant), $16::integer) from asked a where a.channel = 'voice' and (a.job_id in (select job_id from begun)) is true) as calls from begun b cross join lease l
