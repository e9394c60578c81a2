-- Consents on record, the oldest first. $1 those after this id, $2 the most, $3 an address, or null for all.
-- Run by outrider_operator.
select id, tenant, address, channel, category, text_shown, source, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
  from outrider.list_consents($1::bigint, $2::integer, $3::text)
