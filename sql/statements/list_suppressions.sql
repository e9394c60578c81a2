-- Suppressions, the oldest first. $1 those after this id, $2 the most, $3 an address, or null for all, $4 whether lifted ones too.
-- Run by outrider_operator.
select id, tenant, category, address, channel, reason, source, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(lifted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as lifted_at
  from outrider.list_suppressions($1::bigint, $2::integer, $3::text, $4::boolean)
