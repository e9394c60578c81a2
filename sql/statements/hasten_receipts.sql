-- Asks early about attempts whose receipts a gateway may have missed while it was away. Their wake-ups are moved, so that
-- each attempt keeps exactly one. A look before the wait is over asks the provider and then waits on.
--
-- $1 seconds after which a gateway is gone, $2 the most wake-ups, $3 how many a second.
-- Run by outrider_worker.
with back as (
    update outrider.gateways set hastened_at = clock_timestamp()
     where id in (select id from outrider.gateways
                   where (hastened_at is null or hastened_at < up_since)
                     and beat_at > clock_timestamp() - make_interval(secs => $1)
                   order by id for update skip locked)
    returning id
), pick as materialized (
    select ctid, row_number() over (order by at, job_id) as n
      from (select ctid, at, job_id, reason from outrider.due
             where exists (select from back) and lane = 0 and at > clock_timestamp() + interval '5 seconds'
               and reason = 'receipt'
             order by at, job_id limit (select $2::bigint) for update skip locked) d
), moved as (
    delete from outrider.due where ctid = any (array(select ctid from pick)) returning ctid, due.*
)
insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
select least(m.at, clock_timestamp() + make_interval(secs => p.n / $3::double precision)),
       m.job_id, m.lane, m.reason, m.step, m.generation, m.ladder_id, m.cost
  from moved m join pick p on p.ctid = m.ctid
