-- The jobs that did not end as expected, and the recipients that never became a job:
-- id, line, expected, got, why. No row means success.
select s.id, r.line, r.expected_outcome || coalesce(' by ' || r.expected_channel, ''),
       coalesce(s.state, 'no job') || case when s.outcome = 'delivered' then ' by ' || s.channel else '' end, r.why
  from demo.recipients r
  left join outrider.job_status s on (s.metadata ->> 'line')::integer = r.line
 where s.state is distinct from r.expected_outcome
    or (r.expected_channel is not null and s.channel is distinct from r.expected_channel)
 order by r.line;
