-- The report as one JSON object.
with jobs as (
    select *, extract(epoch from ended_at - coalesce(run_at, created_at)) as seconds,
           state = metadata ->> 'outcome' and (metadata ->> 'channel' = '' or channel = metadata ->> 'channel') as as_expected
      from outrider.job_status
)
select jsonb_pretty(jsonb_build_object(
    'jobs', (select count(*) from jobs),
    'as_expected', (select count(*) from jobs where as_expected),
    'outcomes', (select jsonb_object_agg(state, n) from (select state, count(*) as n from jobs group by state) s),
    'through', (select jsonb_object_agg(channel, n)
                  from (select channel, count(*) as n from jobs where outcome = 'delivered' group by channel) c),
    'attempts', (select jsonb_object_agg(channel, n)
                   from (select channel, count(*) as n from outrider.events where kind = 'intent' group by channel) a),
    'next', (select jsonb_object_agg(code, n)
               from (select code, count(*) as n from outrider.events where kind = 'next' group by code) e),
    'median_seconds', (select round(percentile_cont(0.5) within group (order by seconds)::numeric, 3) from jobs where outcome <> 'canceled'),
    'p95_seconds', (select round(percentile_cont(0.95) within group (order by seconds)::numeric, 3) from jobs where outcome <> 'canceled')));
