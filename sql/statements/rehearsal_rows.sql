-- The rows that say what a campaign is, a table a row, as a rehearsal copies them into a database of its own. $1 name, $2 tenant.
-- Run by outrider_operator.
with campaign as (
    select c.* from outrider.campaigns c where c.name = $1::text and c.tenant = coalesce($2::text, outrider.current_tenant())
), definition as (
    select d.* from outrider.campaign_definitions d join campaign c on c.id = d.campaign_id
), variants as (
    select v.* from outrider.campaign_variants v join campaign c on c.id = v.campaign_id
), copied (place, "table", rows) as (
    select 1, 'tenant_roles', (select jsonb_agg(to_jsonb(r)) from outrider.tenant_roles r join campaign c on c.tenant = r.tenant)
    union all
    select 2, 'senders', (select jsonb_agg(to_jsonb(s)) from outrider.senders s join campaign c on s.tenant is null or s.tenant = c.tenant)
    union all
    select 3, 'templates', (select jsonb_agg(to_jsonb(t)) from outrider.templates t cross join campaign c
                              where t.tenant in ('', c.tenant) and t.name in (select template from definition union select template from variants))
    union all
    select 4, 'ladders', (select jsonb_agg(to_jsonb(l)) from outrider.ladders l)
    union all
    select 5, 'ladder_steps', (select jsonb_agg(to_jsonb(s)) from outrider.ladder_steps s)
    union all
    select 6, 'error_codes', (select jsonb_agg(to_jsonb(e)) from outrider.error_codes e)
    union all
    select 7, 'campaigns', (select jsonb_agg(to_jsonb(c)) from campaign c)
    union all
    select 8, 'campaign_definitions', (select jsonb_agg(to_jsonb(d)) from definition d)
    union all
    select 9, 'campaign_feeds', (select jsonb_agg(jsonb_build_object('campaign_id', c.id)) from campaign c)
    union all
    select 10, 'campaign_variants', (select jsonb_agg(to_jsonb(v)) from variants v)
    union all
    select 11, 'prices', (select jsonb_agg(to_jsonb(p)) from outrider.prices p)
    union all
    -- It runs to its end, whatever fails: the report says what would have paused it.
    select 12, 'campaign_limits', (select jsonb_agg(jsonb_build_object(
               'campaign_id', c.id, 'filtered_percent', 100, 'opted_out_percent', 100, 'configuration_percent', 100, 'judged_from', 100,
               'delivered_before', 0, 'begun_before', 0, 'is_short', false, 'is_spent', false)) from campaign c)
)
select "table", coalesce(rows, '[]')::text as rows from copied order by place
