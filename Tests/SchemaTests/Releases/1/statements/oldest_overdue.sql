-- The oldest due row whose time has come. The statement steps from lane to lane along the index, so it does not read all
-- rows.
-- Run by outrider_gateway, outrider_operator.
with recursive lanes as (
    select (select lane from outrider.due order by lane limit 1) as lane
    union all
    select (select d.lane from outrider.due d where d.lane > l.lane order by d.lane limit 1)
      from lanes l where l.lane is not null
)
select greatest(0, extract(epoch from clock_timestamp() - min(first.at)))::float8 as age_seconds
  from lanes
  cross join lateral (
       select at from outrider.due d where d.lane = lanes.lane order by d.lane, d.at, d.job_id limit 1) first
 where lanes.lane is not null and first.at <= clock_timestamp()
