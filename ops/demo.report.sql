-- What came of all jobs, as tables and small pictures.
\pset border 1
\pset linestyle unicode
\pset footer off
\echo

\echo 'How the jobs ended'
with ended as (
    select state, count(*) as jobs from outrider.job_status group by state
)
select state as outcome, jobs, repeat('█', greatest(1, (jobs * 50 / max(jobs) over ())::integer)) as " "
  from ended order by jobs desc, state;

\echo 'The channel that got through'
with through as (
    select channel, count(*) as jobs from outrider.job_status where outcome = 'delivered' group by channel
)
select channel, jobs, repeat('█', greatest(1, (jobs * 50 / max(jobs) over ())::integer)) as " "
  from through order by jobs desc, channel;

\echo 'Attempts, and what the provider answered'
select channel,
       count(*) filter (where kind = 'intent') as attempts,
       count(*) filter (where kind = 'answer' and status = 'accepted') as accepted,
       count(*) filter (where kind = 'answer' and status = 'refused') as refused,
       count(*) filter (where kind = 'answer' and status = 'not_sent') as "not sent",
       count(*) filter (where kind = 'answer' and status = 'unknown') as unknown,
       count(*) filter (where kind = 'answer' and status = 'skipped') as "passed over",
       count(*) filter (where kind = 'receipt') as receipts
  from outrider.events where channel is not null and kind in ('intent', 'answer', 'receipt')
 group by channel order by attempts desc;

\echo 'What was done next, and why'
select code as "then", reason as because, count(*) as times
  from outrider.events where kind = 'next' group by code, reason
 order by array_position('{escalate,retry,resend}', code), times desc, reason;

\echo 'Seconds from the INSERT (or the time asked for) to the outcome'
with ended as (
    select case when outcome = 'delivered' then 'delivered by ' || channel else outcome end as end,
           extract(epoch from ended_at - coalesce(run_at, created_at)) as seconds
      from outrider.job_status where outcome is not null and outcome <> 'canceled'
)
select coalesce("end", 'all') as outcome, count(*) as jobs,
       round(percentile_cont(0.5) within group (order by seconds)::numeric, 1) as median,
       round(percentile_cont(0.95) within group (order by seconds)::numeric, 1) as p95,
       round(max(seconds), 1) as longest
  from ended group by rollup ("end") order by grouping("end"), jobs desc, 1;
