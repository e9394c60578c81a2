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
-- - The window of a campaign's rate is cut into shares. They are won last, as many as the rows that are locked can use, and
--   only in a take that owns the sender's window: nobody keeps what he cannot send. The order is the same in every take:
--   the sender's window, the rows, the shares from the lowest on. So no two takes wait for each other.
-- - No share is won by a rate that was changed since the look that told it. The next look tells the new one.
-- - What is sealed has no body and no data of its own: no other job is read a second time.
-- - What was looked up of a number is asked for only where a rule wants it: without one, a take reads one empty table, once.
-- - When a window of the lane's campaign opens is found once for each zone of the rows. Without a window nothing is looked at.
--
-- $1 lane, $2 floor µs, $3 floor job id, $4 limit, $5 worker, $6 sender id, $7 window ms (null: no rate), $8 the slot that this
-- worker owns, $9 ids of the ladders that it knows, $10 campaign id (null: it has no rate), $11 the campaign's rate, $12 its window ms,
-- $13 shares of a window, $14 messages of a window, $15 messages that may begin, $16 the slot of which this worker has messages
-- left, $17 how many, $18 the lane's campaign, if it has a window of hours.
-- Run by outrider_worker.
with present as materialized (
    select floor(extract(epoch from statement_timestamp()) * 1000 / coalesce($7::integer, 1000))::bigint as slot,
           floor(extract(epoch from statement_timestamp()) * 1000 / coalesce($12::integer, 1000))::bigint as campaign_slot
), free as materialized (
    select n as share from present cross join generate_series(0, $13::integer - 1) n
     where $10::integer is not null
       and exists (select from outrider.campaigns where id = $10 and rate_per_second::double precision = $11::double precision offset 0)
       and not exists (select from outrider.campaign_rate_windows w where w.campaign_id = $10 and w.slot = campaign_slot and w.share = n offset 0)
), payable as materialized (
    select $10::integer is null or $16::bigint = (select campaign_slot from present) or exists (select from free) as is_so
), won as (
    insert into outrider.rate_windows (sender_id, slot, worker)
    select $6::integer, slot, $5 from present
     where $7::integer is not null and $8::bigint is distinct from slot and (select is_so from payable)
       and exists (select from outrider.due
                    where lane = $1::integer and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint)
                      and at <= statement_timestamp()
                    order by at, job_id limit (select 1))
    on conflict do nothing returning slot
), pick as materialized (
    select ctid, at, job_id, step, generation, ladder_id, reason, cost from outrider.due
     where ($7::integer is null or $8::bigint = (select slot from present) or exists (select from won)) and (select is_so from payable)
       and lane = $1::integer and (at, job_id) > (to_timestamp($2::bigint / 1000000.0), $3::bigint) and at <= statement_timestamp()
     order by at, job_id limit (select $4::bigint) for update skip locked
), wanted as materialized (
    select least(count(*), $15::bigint) - case when $16::bigint = (select campaign_slot from present) then $17::integer else 0 end as messages from pick
), got as (
    insert into outrider.campaign_rate_windows (campaign_id, slot, share, worker)
    select $10::integer, campaign_slot, share, $5
      from present cross join (
           select share from free order by share
            limit (select greatest(0, ceil(messages * $13::numeric / $14::integer))::bigint from wanted)) f
     order by share on conflict do nothing returning share
), zones as materialized (
    select * from outrider.window_openings($18::integer, case when $18::integer is not null then array(select job_id from pick) end, statement_timestamp())
)
select (extract(epoch from statement_timestamp()) * 1000000)::bigint as taken_at, (select slot from won) as won_slot,
       (select slot from present) as slot, (select campaign_slot from present) as campaign_slot,
       (select sum((share + 1) * $14::integer / $13::integer - share * $14::integer / $13::integer) from got)::integer as campaign_won,
       (select count(*) from free) - (select count(*) from got) as campaign_free,
       pg_snapshot_xmin(pg_current_snapshot())::text as oldest_transaction, pg_snapshot_xmax(pg_current_snapshot())::text as next_transaction,
       p.ctid::text as row, (extract(epoch from p.at) * 1000000)::bigint as due_at, p.job_id, p.generation, p.step, p.ladder_id, p.reason, p.cost, f.*,
       f.category = 'marketing' and f.channel <> 'sms'
       and exists (select from outrider.consents k
                    where k.address = outrider.one_spelling(f.address) and k.channel = f.channel and k.category = f.category and k.tenant = f.tenant offset 0) as has_consent,
       not f.is_template and f.body is null
       and exists (select from outrider.jobs j
                    where j.id = p.job_id and j.template is not null
                      and not exists (select from outrider.templates m
                                       where m.name = j.template and m.tenant in ('', j.tenant) and (j.channel is null or m.channel = j.channel)) offset 0) as lacks_template,
       (select concat_ws(' ', d.class, d.code, (extract(epoch from d.until) * 1000000)::bigint) from outrider.dead_addresses d
         where d.address = outrider.one_spelling(f.address) and d.channel = f.channel and d.until > statement_timestamp() offset 0) as dead,
       case when p.reason in ('dispatch', 'resume') and f.channel in ('sms', 'voice') and f.category = any (array(select category from outrider.lookup_rules))
            then (select string_agg(l.package || ' ' || coalesce(l.found, '-'), ',') from outrider.number_lookups l
                   where l.address = outrider.one_spelling(f.address) and l.good_until > statement_timestamp()) end as lookups,
       (select z.opens from zones z where z.time_zone = f.time_zone) as window_opens,
       case when f.data = '{}' and (f.is_template or f.body is null) then (select array[j.sealed, j.address, j.phone, j.email] from outrider.jobs j where j.id = p.job_id and j.sealed is not null offset 0) end as sealed
  from (select) as always left join pick p on true
  left join lateral outrider.job_facts(p.job_id, p.generation, p.step, p.ladder_id, p.reason, $6::integer, $9::integer[]) f on true
 order by p.at, p.job_id
