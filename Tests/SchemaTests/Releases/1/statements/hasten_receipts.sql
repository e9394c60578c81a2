-- Asks early about attempts whose receipts a gateway may have missed while it was away. Their due rows are moved, so that
-- each attempt keeps exactly one. A look before the wait is over asks the provider and then waits on.
--
-- $1 seconds after which a gateway is gone, $2 the most due rows, $3 how many a second.
-- Run by outrider_worker.
with back as (
    update outrider.gateways set hastened_at = clock_timestamp()
     where id in (select id from outrider.gateways
                   where (hastened_at is null or hastened_at < up_since)
                     and beat_at > clock_timestamp() - make_interval(secs => $1)
                   order by id for update skip locked)
    returning id
), pick as materialized (
    select ctid from unnest('{4,5,6,7,12,13,14,15}'::integer[]) as asked (lane)
     cross join lateral (
           select ctid from outrider.due
            where exists (select from back) and lane = asked.lane and at > statement_timestamp() + interval '5 seconds'
              and reason = 'receipt'
            order by at, job_id limit (select $2::bigint) for update skip locked) d
     limit (select $2::bigint)
), moved as (
    delete from outrider.due where ctid = any (array(select ctid from pick)) returning *
)
insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
select least(at, clock_timestamp() + make_interval(secs => row_number() over (order by at, job_id) / $3::double precision)),
       job_id, lane, reason, step, generation, ladder_id, cost
  from moved
