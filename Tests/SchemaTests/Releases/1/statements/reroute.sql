-- Sends whose sender does not serve them go to one that does, at most 1,000 a time: those that no sender served when they
-- were asked for, and those of a sender that was disabled or deleted.
--
-- - The lanes in use are found by stepping along the index.
-- - Where nobody else serves them, sends of a disabled sender stay and wait for it. Those of a deleted one go to the lane of
--   sends without a sender, where they are held.
-- - Only what is due within five minutes is looked at, so that a campaign planned far ahead costs nothing here. The
--   statement's own time can bound the walk along the index; clock_timestamp(), which changes from row to row, cannot.
-- Run by outrider_worker.
with recursive present as (
    (select lane from outrider.due where lane >= 8 order by lane limit 1)
    union all
    select n.lane from present p
     cross join lateral (select d.lane from outrider.due d where d.lane > p.lane order by d.lane limit 1) n
), closed as materialized (
    select p.lane
      from present p
      join outrider.lanes l on l.id = p.lane
      left join outrider.senders s on s.id = l.sender_id
     where l.purpose = 'send' and (s.id is null or not s.enabled)
), found as materialized (
    select d.place, d.lane, outrider.send_lane(d.job_id, d.ladder_id, d.step) as served_lane
      from closed c
     cross join lateral (
           select ctid as place, lane, job_id, ladder_id, step from outrider.due
            where lane = c.lane and at <= statement_timestamp() + interval '5 minutes'
            order by at, job_id limit 1000) d
     limit 1000
), locked as materialized (
    select d.ctid, f.served_lane from found f join outrider.due d on d.ctid = f.place
     where f.served_lane <> f.lane for update of d skip locked
), moved as (
    delete from outrider.due d using locked l where d.ctid = l.ctid returning d.*, l.served_lane
)
insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
select greatest(at, clock_timestamp()), job_id, served_lane, reason, step, generation, ladder_id, cost from moved
