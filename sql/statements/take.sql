-- Locks due rows of one lane and reads what the rules need to know of their jobs, all in one snapshot. Nothing is deleted
-- here: the statements that follow in the same transaction do that with the rows that were decided on, and the others are
-- as they were.
--
-- - The window of the sender's rate is won first, and only if something waits. Whoever inserts its row owns it, so nobody
--   else locks rows that he may not send.
-- - `pick` is materialized, or the planner could run the LIMITed subselect again and lock more rows than asked for.
-- - A limit that the planner cannot see (`limit (select …)`) makes it pay for the start of a plan, so it walks the index in
--   order. When it sees the limit and takes the lane to be short, as on stale statistics, it sorts the whole lane.
-- - Only marketing asks for consent, and never for texts, so only its other rows are looked up there.
-- - Jobs and events are looked up row by row (`offset 0` keeps a subselect apart), because no statistics may turn 200
--   look-ups into a walk over whole partitions.
-- - What is due is judged by the statement's clock, which is older than its snapshot: a transaction that the snapshot does
--   not see sorts after every row that it does see. A watermark relies on that.
-- - When a window of the lane's campaign opens is found once for each zone of the rows. Without a window nothing is looked at.
--
-- $1 lane, $2 floor µs, $3 floor job id, $4 limit, $5 worker, $6 sender id, $7 window ms (null: no rate), $8 the slot that this
-- worker owns, $9 ids of the ladders that it knows, $10 the lane's campaign, if it has a window.
-- Run by outrider_worker.
with present as materialized (
    select floor(extract(epoch from statement_timestamp()) * 1000 / coalesce($7::integer, 1000))::bigint as slot
), won as (
    insert into outrider.rate_windows (sender_id, slot, worker)
    select $6::integer, slot, $5 from present
     where $7::integer is not null and $8::bigint is distinct from slot
       and exists (select from outrider.due
                    where lane = $1::integer and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint)
                      and at <= statement_timestamp()
                    order by at, job_id limit (select 1))
    on conflict do nothing returning slot
), pick as materialized (
    select ctid, at, job_id, step, generation, ladder_id, reason, cost from outrider.due
     where ($7::integer is null or $8::bigint = (select slot from present) or exists (select from won))
       and lane = $1::integer and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint) and at <= statement_timestamp()
     order by at, job_id limit (select $4::bigint) for update skip locked
), zones as materialized (
    select z.time_zone, (extract(epoch from outrider.window_opens($10::integer, z.time_zone, statement_timestamp())) * 1000000)::bigint as opens
      from (select distinct j.time_zone
              from pick p cross join lateral (select time_zone from outrider.jobs where id = p.job_id offset 0) j
             where $10::integer is not null) z
)
select (extract(epoch from statement_timestamp()) * 1000000)::bigint as taken_at, (select slot from won) as won_slot,
       (select slot from present) as slot,
       pg_snapshot_xmin(pg_current_snapshot())::text as oldest_transaction,
       pg_snapshot_xmax(pg_current_snapshot())::text as next_transaction,
       p.ctid::text as row, (extract(epoch from p.at) * 1000000)::bigint as due_at,
       p.job_id, p.generation, p.step, p.ladder_id, p.reason, p.cost, f.*,
       f.category = 'marketing' and f.channel <> 'sms'
       and exists (select from outrider.consents k
                    where k.address = outrider.one_spelling(f.address) and k.channel = f.channel
                      and k.category = f.category and k.tenant = f.tenant offset 0) as has_consent,
       not f.is_template and f.body is null
       and exists (select from outrider.jobs j
                    where j.id = p.job_id and j.template is not null
                      and not exists (select from outrider.templates m
                                       where m.name = j.template and m.tenant in ('', j.tenant)
                                         and (j.channel is null or m.channel = j.channel)) offset 0) as lacks_template,
       (select z.opens from zones z where z.time_zone = f.time_zone) as window_opens
  from (select) as always
  left join pick p on true
  left join lateral outrider.job_facts(p.job_id, p.generation, p.step, p.ladder_id, p.reason, $6::integer, $9::integer[]) f on true
 order by p.at, p.job_id
