-- Everything that happened to one job. $1 id.
-- Run by outrider_gateway, outrider_operator.
select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
       attempt, step, coalesce(channel, '') as channel, event, coalesce(detail, '') as detail
  from outrider.timeline($1::bigint) limit 10000
