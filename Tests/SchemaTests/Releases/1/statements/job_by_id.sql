-- One job as the operator's page shows it. $1 id.
-- Run by outrider_gateway, outrider_operator.
select id, kind, category, coalesce(ladder, '') as ladder, coalesce(channel, '') as channel, state, attempts,
       coalesce(reason, '') as reason,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
       to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at
  from outrider.job_status where id = $1::bigint
