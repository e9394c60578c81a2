-- Jobs with a due row, by its reason and by whether its time has come. Timers that an ended job leaves behind do not count.
--
-- Each lane is read along the index (lane, at, job_id), what is due and what comes later apart: so a campaign of ten million
-- for next month hides nothing that is due now. What a lane holds beyond its share is not read, and the figure then says
-- that it is not exact: there are at least so many.
--
-- - `held` counts the entries of each part of a lane, no further than its share; that needs the index alone.
-- - `level` shares out the look-ups whether a job has ended: the least parts are read whole, the others to one level.
-- - `kind || ''` and `offset 0` make it one look-up for each: else all outcomes there are would be read for a join.
--
-- $1 the most of one part of a lane, $2 index entries in all, $3 look-ups in all, $4 the most lanes.
-- Run by outrider_gateway, outrider_operator.
with recursive lanes (lane, n) as (
    select (select lane from outrider.due order by lane limit 1), 1::bigint
    union all
    select (select d.lane from outrider.due d where d.lane > l.lane order by d.lane limit 1), l.n + 1
      from lanes l where l.lane is not null and l.n < $4
), share as materialized (
    select least($1, greatest(10, $2 / greatest(1, 2 * count(lane)))) as most, count(lane) >= $4 as is_short from lanes
), held as materialized (
    select l.lane, s.is_later, s.after, s.until, h.n
      from lanes l
     cross join (values (false, '-infinity'::timestamptz, statement_timestamp()),
                        (true, statement_timestamp(), 'infinity')) as s (is_later, after, until)
     cross join lateral (
           select count(*) as n
             from (select from outrider.due d where d.lane = l.lane and d.at > s.after and d.at <= s.until
                    order by d.lane, d.at, d.job_id limit (select most + 1 from share)) r) h
     where l.lane is not null
), level as materialized (
    select least((select most from share), coalesce((
               select level from (select n, ($3 - coalesce(sum(n) over (order by n, lane, is_later rows between unbounded preceding and 1 preceding), 0))
                                            / (count(*) over () - row_number() over (order by n, lane, is_later) + 1) as level
                                    from held) w
                where n > level order by n limit 1), (select most from share)))::bigint as most
), looked as materialized (
    select l.purpose, h.is_later, d.reason, d.job_id,
           exists (select from outrider.events o
                    where o.job_id = d.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0) as is_ended
      from held h join outrider.lanes l on l.id = h.lane
     cross join lateral (
           select reason, job_id from outrider.due d where d.lane = h.lane and d.at > h.after and d.at <= h.until
            order by d.lane, d.at, d.job_id limit (select most from level)) d
)
select w.reason, p.is_later, coalesce(c.count, 0) as count,
       not (select is_short from share)
       and not exists (select from held h join outrider.lanes l on l.id = h.lane
                        where starts_with(l.purpose, w.purpose) and h.is_later = p.is_later
                          and h.n > (select most from level)) as is_exact
  from (values ('send', 'dispatch'), ('send', 'resume'), ('decide', 'decide'), ('ask', 'receipt'), ('ask', 'reconcile')) as w (purpose, reason)
 cross join (values (false), (true)) as p (is_later)
  left join (select reason, is_later, count(distinct job_id) as count from looked where not is_ended group by 1, 2) c
         on c.reason = w.reason and c.is_later = p.is_later
 order by 1, 2
