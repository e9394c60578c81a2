-- Schedules, by name. $1 name, or null for all, $2 tenant, $3 tag, or null, $4 the most, $5 id, or null. Without a tenant it is the login's own
-- where a name is given, and else all that the login may see.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select id, tenant, name, tags, cron, time_zone, coalesce(words, '') as words, state, coalesce(paused_reason, '') as paused_reason,
       to_char(next_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as next_run, to_char(next_at at time zone time_zone, 'Dy YYYY-MM-DD HH24:MI') as next_local,
       problem, action, lasts::text as lasts, missed, missed_limit, catch_up::text as catch_up, overlap, on_gap, on_overlap,
       jitter::text as jitter, extract(epoch from jitter)::double precision as jitter_seconds, login,
       (extract(epoch from ends_at) * 1000000)::bigint as ends_us, to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as ends,
       to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as changed, to_char(last_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as last_run,
       last_outcome, coalesce(last_reason, '') as last_reason
  from outrider.schedule_status
 where ($1::text is null or name = $1) and ($5::integer is null or id = $5) and ($3::text is null or $3 = any (tags))
   and tenant = coalesce($2::text, case when $1::text is not null then outrider.current_tenant() end, tenant)
 order by tenant, name limit $4::integer
