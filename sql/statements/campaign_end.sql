-- When a campaign that sends for so long would be done, in UTC. $1 name, $2 seconds, $3 tenant.
-- Run by outrider_app, outrider_operator.
select to_char(outrider.campaign_end($1::text, $2::double precision, coalesce($3::text, outrider.current_tenant())) at time zone 'UTC',
               'YYYY-MM-DD HH24:MI') as ends
