-- Schedules that a person should look at: one that could not be kept, or whose last time failed.
-- Run by outrider_worker, outrider_gateway.
select tenant, name, coalesce(problem, last_reason, '') as problem, problem is null as is_failure
  from outrider.schedule_status where problem is not null or last_outcome = 'failed' order by tenant, name limit 20
