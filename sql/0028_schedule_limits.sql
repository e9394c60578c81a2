-- What a schedule makes a campaign of: all that a person can give one, variants, hours, budgets, breakers and a rate too.

set local lock_timeout = '5s';

create function outrider.campaign_like(campaign_name text, for_tenant text) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_name, for_tenant);
    d campaign_definitions;
    w campaign_windows;
    m campaign_limits;
    said templates;
    own_variants jsonb;
begin
    select * into d from campaign_definitions where campaign_id = campaign.id;
    if not found then
        raise exception 'campaign_must_have_a_definition: "%" was made by its first job', campaign.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_have_a_definition', hint = 'Name one that was made with outrider.create_campaign().';
    end if;
    select * into w from campaign_windows where campaign_id = campaign.id;
    select * into m from campaign_limits where campaign_id = campaign.id;
    -- A text of its own is copied; a template is named, so what it says later is said.
    if d.template = 'outrider.campaign/' || campaign.id then
        select * into said from templates t where t.tenant = campaign.tenant and t.name = d.template order by t.subject nulls last limit 1;
    end if;
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', v.name, 'percent', v.percent, 'body', t.body, 'subject', t.subject,
                                                          'template', case when t.body is null then v.template end)) || jsonb_build_object('data', v.data) order by v.position)
      into own_variants
      from campaign_variants v
      left join lateral (
           select body, subject from templates where tenant = campaign.tenant and name = v.template and name like 'outrider.campaign/%' order by subject nulls last limit 1) t on true
     where v.campaign_id = campaign.id;
    return jsonb_strip_nulls(jsonb_build_object(
        'category', d.category, 'channel', d.channel, 'ladder', d.ladder, 'locale', d.locale, 'time_zone', d.time_zone, 'audience', d.audience,
        'body', said.body, 'subject', said.subject, 'template', case when said.body is null then nullif(d.template, '') end,
        'holdout_percent', nullif(d.holdout_percent, 0), 'opens', w.opens, 'closes', w.closes, 'days', w.days,
        'budget_messages', m.messages, 'budget_segments', m.segments, 'budget_money', m.money, 'budget_currency', m.currency,
        'filtered_percent', m.filtered_percent, 'opted_out_percent', m.opted_out_percent, 'configuration_percent', m.configuration_percent,
        'judged_from', m.judged_from, 'rate_per_second', campaign.rate_per_second))
        || jsonb_build_object('data', d.data) || case when own_variants is null then '{}' else jsonb_build_object('variants', own_variants) end;
end $$;
comment on function outrider.campaign_like(text, text) is 'What a campaign says and to whom, as a schedule keeps it.';

create function outrider.scheduled_definition(action jsonb, for_tenant text, out kind text, out definition jsonb)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant jsonb := '{"campaign": ["like", "category", "channel", "ladder", "body", "subject", "template", "data", "locale", "time_zone", "audience",
            "variants", "holdout_percent", "opens", "closes", "days", "budget_messages", "budget_segments", "budget_money", "budget_currency",
            "filtered_percent", "opted_out_percent", "configuration_percent", "judged_from", "rate_per_second"],
        "job": ["kind", "category", "channel", "address", "ladder", "phone", "email", "body", "subject", "template", "data", "media_urls", "locale",
                "time_zone", "wait_seconds", "priority", "metadata"]}';
    strange text;
begin
    kind := (select k from jsonb_object_keys(case when jsonb_typeof(action) = 'object' then action else '{}' end) as k limit 1);
    if kind is null or not known ? kind or action - kind <> '{}' or jsonb_typeof(action -> kind) <> 'object' then
        raise exception 'action_must_be_a_campaign_or_a_job' using errcode = 'check_violation', constraint = 'action_must_be_a_campaign_or_a_job',
            hint = 'Write {"campaign": {…}} with what outrider.create_campaign() takes, {"campaign": {"like": "NAME"}}, or {"job": {…}} with columns of outrider.jobs.';
    end if;
    select k into strange from jsonb_object_keys(action -> kind) as k where not known -> kind ? k limit 1;
    if found then
        raise exception 'action_must_have_known_keys: a % takes no "%"', kind, left(strange, 63) using errcode = 'check_violation',
            constraint = 'action_must_have_known_keys', hint = format('It takes %s.', (select string_agg(k, ', ') from jsonb_array_elements_text(known -> kind) as k));
    end if;
    definition := action -> kind;
    if definition ? 'like' then
        definition := outrider.campaign_like(definition ->> 'like', for_tenant) || (definition - 'like');
    end if;
end $$;
comment on function outrider.scheduled_definition(jsonb, text) is 'What a schedule makes, and what it makes it of.';

create function outrider.make_scheduled_campaign(schedule outrider.schedules, nominal timestamptz) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    d constant jsonb := schedule.definition;
    local constant timestamp := nominal at time zone schedule.time_zone;
    is_minute constant boolean := nominal = date_trunc('minute', nominal);
    campaign_name text := schedule.name || '/' || to_char(local, case when is_minute then 'YYYY-MM-DD"T"HH24:MI' else 'YYYY-MM-DD"T"HH24:MI:SS' end);
    why constant text := 'schedule ' || schedule.name;
    made integer;
begin
    -- The same hour comes twice where a clock is set back; and two people may trigger one in the same second.
    if exists (select from campaigns c where c.tenant = schedule.tenant and c.name = campaign_name) then
        campaign_name := campaign_name || case when is_minute then '/2' else to_char(local, '.US') end;
    end if;
    made := outrider.create_campaign(
        name => campaign_name, channel => d ->> 'channel', ladder => d ->> 'ladder', category => coalesce(d ->> 'category', 'marketing'),
        body => d ->> 'body', subject => d ->> 'subject', template => d ->> 'template', data => coalesce(d -> 'data', '{}'),
        locale => coalesce(d ->> 'locale', 'en'), time_zone => coalesce(d ->> 'time_zone', schedule.time_zone),
        audience => d ->> 'audience', not_after => outrider.scheduled_end(schedule, nominal), reason => why, tenant => schedule.tenant,
        variants => d -> 'variants', holdout_percent => coalesce((d ->> 'holdout_percent')::numeric, 0),
        opens => (d ->> 'opens')::time, closes => (d ->> 'closes')::time,
        days => case when d ? 'days' then array(select jsonb_array_elements_text(d -> 'days')::integer) else '{1,2,3,4,5,6,7}' end,
        budget_messages => (d ->> 'budget_messages')::bigint, budget_segments => (d ->> 'budget_segments')::bigint,
        budget_money => (d ->> 'budget_money')::numeric, budget_currency => d ->> 'budget_currency',
        filtered_percent => (d ->> 'filtered_percent')::numeric, opted_out_percent => (d ->> 'opted_out_percent')::numeric,
        configuration_percent => (d ->> 'configuration_percent')::numeric, judged_from => (d ->> 'judged_from')::integer);
    if d ? 'rate_per_second' then
        perform outrider.set_campaign_rate(campaign_name, (d ->> 'rate_per_second')::numeric, why, schedule.tenant);
    end if;
    perform outrider.start_campaign(campaign_name, why, schedule.tenant);
    return made;
end $$;
comment on function outrider.make_scheduled_campaign(outrider.schedules, timestamptz) is 'Makes and starts the campaign of a time of a schedule, named after both.';

revoke all on all functions in schema outrider from public;
