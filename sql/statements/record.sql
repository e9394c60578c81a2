-- Adds facts and due rows in one commit. A due row that hangs on a fact is added only if the fact was new, so whoever
-- records first has decided and everybody else adds nothing. Gives back the leases that are done.
--
-- - What ends and what fails of campaigns is counted in the same commit.
-- - Facts are added in the order of their key, so that two recorders never wait for each other in a circle.
-- - The clock of the due rows is read once this transaction has its id: a worker's watermark relies on it.
--
-- Facts: $1 jobs, $2 generations, $3 kinds, $4 statuses, $5 steps, $6 ladders, $7 channels, $8 senders, $9 codes, $10 classes,
-- $11 levels, $12 provider's ids, $13 reasons, $14 details. Due rows: $15 jobs, $16 times in µs, $17 reasons, $18 steps,
-- $19 generations, $20 ladders, $21 priorities, $22 channels. The fact that each hangs on: $23 its generation, $24 its kind
-- (null: it hangs on none), $25 its status. $26 worker, $27 leases done. Sends that are not open any more: $28 likenesses, $29 jobs,
-- $30 generations, $31 whether given up: nobody waits for it then, but a listed message may still be its own. Calls that nobody
-- waits for any more, to be ended: $32 jobs, $33 generations, $34 why.
--
-- `(… in (select …)) is true` keeps PostgreSQL from joining two lists row by row: it looks up one in a hash of the other.
-- Run by outrider_worker.
with facts as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::smallint[], $6::integer[], $7::text[],
                         $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
             as f (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level,
                   provider_id, reason, detail)
), added as (
    insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level,
                                 provider_id, worker, reason, detail)
    select job_id, generation, kind, status, step, ladder_id, channel, sender_id, code, class, level, provider_id, $26, reason,
           detail::jsonb
      from facts order by job_id, generation, kind, status
    on conflict do nothing returning job_id, generation, kind, status, code, channel, class
), wanted as materialized (
    select w.* from unnest($15::bigint[], $16::bigint[], $17::text[], $18::smallint[], $19::integer[], $20::integer[],
                           $21::integer[], $22::text[], $23::integer[], $24::text[], $25::text[])
                    as w (job_id, at_us, reason, step, generation, ladder_id, priority, channel, fact_generation, fact_kind, fact_status)
     where fact_kind is null
        or (job_id, fact_generation, fact_kind, fact_status) in (select job_id, generation, kind, status from added)
), present as materialized (
    select case when pg_current_xact_id() is not null then clock_timestamp() end as now
), placed as (
    insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select greatest(p.now, to_timestamp(w.at_us / 1000000.0)), w.job_id,
           case when w.reason in ('dispatch', 'resume') then outrider.send_lane(w.job_id, w.ladder_id, w.step)
                else outrider.look_lane(w.reason, w.priority, w.channel) end,
           w.reason, w.step, w.generation, w.ladder_id,
           case when w.reason in ('dispatch', 'resume') and w.channel = 'sms' then outrider.send_cost(w.job_id) else 1 end
      from wanted w cross join present p
    returning 1
), done as (
    delete from outrider.leases where id = any ($27::bigint[]) returning 1
), settled as (
    delete from outrider.open_sends
     where likeness = any ($28::bigint[])
       and ((likeness, job_id, generation) in (
           select * from unnest($28::bigint[], $29::bigint[], $30::integer[]) as s (likeness, job_id, generation))) is true
    returning *
), given_up as (
    insert into outrider.open_sends (likeness, key, content, tenant, job_id, generation, since)
    select likeness, hashint8extended(job_id, generation), content, tenant, job_id, generation, since from settled
     where ((job_id, generation, true) in (select * from unnest($29::bigint[], $30::integer[], $31::boolean[]))) is true
    on conflict do nothing
)
select (select count(*) from added) as added, (select count(*) from placed) as placed,
       (select outrider.count_outcomes(array_agg(job_id), array_agg(code), array_agg(channel)) from added
         where kind = 'outcome' having count(*) > 0) as counted,
       (select outrider.count_failures(array_agg(job_id), array_agg(generation), array_agg(class)) from added
         where class is not null having count(*) > 0) as failed,
       (select outrider.ask_ends($32::bigint[], $33::integer[], $34) where cardinality($32::bigint[]) > 0) as ends
