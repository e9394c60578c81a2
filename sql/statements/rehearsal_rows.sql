-- The rows that say what a campaign is, a table a row, as a rehearsal copies them into a database of its own. $1 name, $2 tenant.
-- Run by outrider_operator.
with campaign as (
    select c.* from outrider.campaigns c where c.name = $1::text and c.tenant = coalesce($2::text, outrider.current_tenant())
), definition as (
    select d.* from outrider.campaign_definitions d join campaign c on c.id = d.campaign_id
), copied (place, "table", rows) as (
    select 1, 'tenant_roles', (select jsonb_agg(to_jsonb(r)) from outrider.tenant_roles r join campaign c on c.tenant = r.tenant)
    union all
    select 2, 'senders', (select jsonb_agg(to_jsonb(s)) from outrider.senders s join campaign c on s.tenant is null or s.tenant = c.tenant)
    union all
    select 3, 'templates', (select jsonb_agg(to_jsonb(t)) from outrider.templates t join definition d on d.template = t.name
                              join campaign c on t.tenant in ('', c.tenant))
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
)
select "table", coalesce(rows, '[]')::text as rows from copied order by place
