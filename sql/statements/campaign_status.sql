-- Campaigns and how far each has come, the newest first. $1 name, or null for all, $2 tenant, $3 the most, $4 id, or null. Without a
-- tenant it is the login's own where a name is given, and else all that the login may see.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select id, tenant, name, state, coalesce(reason, '') as reason, coalesce(category, '') as category, coalesce(way, '') as way,
       people, unfed, begun, ended, delivered, attempts, segments, load_state, load_read, load_refused, load_error,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as created,
       to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as ended_on,
       held_out, concat_ws(', ', budget_messages || ' messages', budget_segments || ' segments',
                           trim_scale(budget_money) || ' ' || budget_currency) as budget,
       coalesce(trim_scale(rate_per_second)::text, '') as rate
  from outrider.campaign_status
 where ($1::text is null or name = $1) and ($4::integer is null or id = $4)
   and tenant = coalesce($2::text, case when $1::text is not null then outrider.current_tenant() end, tenant)
 order by id desc limit $3::integer
