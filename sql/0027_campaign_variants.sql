-- Variants of a campaign, people who get nothing on purpose, and all of it in one call.
--
-- The columns for the holdout are made in 0023 and 0024: here is a view that reads both tables, and one who reads it holds it first.

set local lock_timeout = '5s';

create table outrider.campaign_variants (
    campaign_id integer not null,
    position    integer not null,
    name        text not null,
    percent     numeric(5, 2) not null,
    template    text not null,
    data        jsonb not null default '{}',
    primary key (campaign_id, position),
    unique (campaign_id, name),
    constraint variant_name_must_be_1_to_63_characters check (length(name) between 1 and 63),
    constraint variant_percent_must_be_0_01_to_100 check (percent between 0.01 and 100),
    constraint variant_data_must_be_a_json_object check (jsonb_typeof(data) = 'object')
);
comment on table outrider.campaign_variants is 'The contents of a campaign that has several, and which share of its people gets each.';
comment on column outrider.campaign_variants.data is 'Values of the template in this variant; a person''s own come first, then these, then the campaign''s.';

create function outrider.person_share(for_campaign_id integer, person text) returns integer
    language sql immutable parallel safe
    return (hashtextextended(for_campaign_id || '/' || person, 4) & 9223372036854775807) % 10000;
comment on function outrider.person_share(integer, text) is 'Where a person stands among all of a campaign, from 0 to 9999, by their key, or by their address where they have none: the same at each load.';

create function outrider.variant_ranges(for_campaign_id integer)
    returns table (below integer, from_share integer, variant text, template text, data jsonb)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- The holdout stands first; then the variants in their order. Without variants the campaign's own content has the rest.
    select (sum(s.percent) over w * 100)::integer, ((sum(s.percent) over w - s.percent) * 100)::integer, s.name, s.template, s.data
      from (select 0 as position, d.holdout_percent as percent, null::text as name, null::text as template, '{}'::jsonb as data
              from campaign_definitions d where d.campaign_id = for_campaign_id
            union all
            select v.position, v.percent, v.name, v.template, v.data from campaign_variants v where v.campaign_id = for_campaign_id
            union all
            select 1, 100 - d.holdout_percent, null, d.template, '{}' from campaign_definitions d
             where d.campaign_id = for_campaign_id and not exists (select from campaign_variants v where v.campaign_id = for_campaign_id)) s
    window w as (order by s.position)
$$;
comment on function outrider.variant_ranges(integer) is 'Which content the people of a campaign get, by person_share(): from from_share to below. Without a template they are held out.';

create function outrider.save_variants(for_campaign_id integer, variants jsonb, subject text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns;
    definition campaign_definitions;
    given record;
    strange text;
    own_template text;
begin
    select * into campaign from campaigns where id = for_campaign_id;
    select * into definition from campaign_definitions where campaign_id = for_campaign_id;
    if jsonb_typeof(variants) <> 'array' or jsonb_array_length(variants) not between 2 and 20
       or exists (select from jsonb_array_elements(variants) as v (variant) where jsonb_typeof(variant) <> 'object') then
        raise exception 'variants_must_be_2_to_20' using errcode = 'check_violation', constraint = 'variants_must_be_2_to_20',
            hint = 'Such as [{"name": "a", "percent": 50, "body": "…"}, {"name": "b", "percent": 50, "template": "…"}].';
    end if;
    select k into strange from jsonb_array_elements(variants) as v (variant) cross join lateral jsonb_object_keys(variant) as k
     where k not in ('name', 'percent', 'body', 'subject', 'template', 'data') limit 1;
    if found then
        raise exception 'variant_has_name_percent_and_content: there is no "%" in a variant', left(strange, 63) using errcode = 'check_violation',
            constraint = 'variant_has_name_percent_and_content', hint = 'name, percent, and of body, subject, template and data what differs.';
    end if;
    for given in
        select ordinality as position, v.variant ->> 'name' as name, v.variant ->> 'percent' as percent, v.variant ->> 'body' as body,
               coalesce(v.variant ->> 'subject', save_variants.subject) as subject, v.variant ->> 'template' as template,
               coalesce(v.variant -> 'data', '{}') as data
          from jsonb_array_elements(variants) with ordinality as v (variant, ordinality)
    loop
        own_template := coalesce(given.template, definition.template);
        if given.body is not null then
            own_template := format('outrider.campaign/%s/%s', for_campaign_id, given.position);
            insert into templates (tenant, name, channel, body, subject)
            select campaign.tenant, own_template, c, given.body, case c when 'email' then given.subject end
              from outrider.channels_of(for_campaign_id) as c;
        end if;
        perform outrider.check_template(for_campaign_id, own_template);
        insert into campaign_variants (campaign_id, position, name, percent, template, data)
        values (for_campaign_id, given.position, given.name, given.percent::numeric, own_template, given.data);
        -- A person's own are added when they are loaded, and one job too large would refuse all that are loaded with it.
        if octet_length((definition.data || given.data)::text) > 60000 then
            raise exception 'variant_data_must_be_at_most_60_kilobytes: those of "%" and of the campaign have more', left(given.name, 63) using
                errcode = 'check_violation', constraint = 'variant_data_must_be_at_most_60_kilobytes',
                hint = 'A job has 64 at most, and each person''s own are added. Put long texts into templates.';
        end if;
    end loop;
    if (select sum(percent) from campaign_variants v where v.campaign_id = for_campaign_id) + definition.holdout_percent <> 100 then
        raise exception 'shares_must_make_100_percent: variants and holdout make % %%',
            (select trim_scale(sum(percent) + definition.holdout_percent) from campaign_variants v where v.campaign_id = for_campaign_id) using
            errcode = 'check_violation', constraint = 'shares_must_make_100_percent', hint = 'Give each variant its percent, and the rest as holdout_percent.';
    end if;
end $$;
comment on function outrider.save_variants(integer, jsonb, text) is 'Keeps the variants of a campaign that is being made.';

create function outrider.check_template(for_campaign_id integer, template_name text) returns void
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    missing text;
    own_tenant constant text := (select c.tenant from campaigns c where c.id = for_campaign_id);
begin
    select c into missing from outrider.channels_of(for_campaign_id) as c
     where not exists (select from templates t where t.name = template_name and t.channel = c and t.tenant in ('', own_tenant)) limit 1;
    if found then
        raise exception 'template_must_exist: there is no template "%" for %', left(coalesce(template_name, ''), 100), missing using
            errcode = 'foreign_key_violation', constraint = 'template_must_exist', hint = 'Insert it into outrider.templates first.';
    end if;
end $$;
comment on function outrider.check_template(integer, text) is 'Refuses a template that a channel of the campaign does not have.';

-- ---------------------------------------------------------------------------------------------------------------
-- Create.

drop function outrider.create_campaign(text, text, text, text, text, text, text, jsonb, text, text, text, timestamptz, timestamptz, text, text);
create function outrider.create_campaign(
    name text, channel text default null, ladder text default null, category text default 'marketing',
    body text default null, subject text default null, template text default null, data jsonb default '{}',
    locale text default 'en', time_zone text default 'UTC', audience text default null,
    starts_at timestamptz default null, not_after timestamptz default null,
    reason text default null, tenant text default outrider.current_tenant(),
    variants jsonb default null, holdout_percent numeric default 0,
    opens time default null, closes time default null, days integer[] default '{1,2,3,4,5,6,7}',
    budget_messages bigint default null, budget_segments bigint default null, budget_money numeric default null, budget_currency text default null,
    filtered_percent numeric default null, opted_out_percent numeric default null, configuration_percent numeric default null,
    judged_from integer default null) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_variable
declare
    new_id integer;
    own_audience text;
    own_tenant constant text := create_campaign.tenant;
begin
    perform outrider.check_tenant(own_tenant);
    if (body is null) = (template is null) and (body is not null or variants is null) then
        raise exception 'campaign_takes_a_body_or_a_template' using errcode = 'check_violation', constraint = 'campaign_takes_a_body_or_a_template',
            hint = 'Give the text as body, or the name of a template. Both may have {{placeholders}}. Variants may have their own.';
    end if;
    if not outrider.is_time_zone(time_zone) then
        raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
            hint = 'Write it as PostgreSQL knows it, for example Europe/Warsaw.';
    end if;
    if not_after <= greatest(starts_at, clock_timestamp()) then
        raise exception 'not_after_must_be_after_the_start' using errcode = 'check_violation', constraint = 'not_after_must_be_after_the_start',
            hint = 'Nobody could be written to. Give a later time.';
    end if;
    if ladder is not null and outrider.current_ladder(ladder) is null then
        raise exception 'ladder_must_exist: there is no ladder "%"', left(ladder, 63) using errcode = 'foreign_key_violation', constraint = 'ladder_must_exist',
            hint = 'Use one of outrider.ladders (standard, urgent, whatsapp_first), or save it with outrider.save_ladder.';
    end if;
    if audience is not null then
        own_audience := outrider.check_audience(audience, ladder is not null);
    end if;
    insert into campaigns (tenant, name, state, paused_at, paused_reason, starts_at)
    values (own_tenant, name, 'draft', clock_timestamp(), 'not started yet', starts_at)
    on conflict do nothing returning id into new_id;
    if not found then
        raise exception 'campaign_name_is_taken: there is a campaign "%"', left(name, 100) using errcode = 'unique_violation', constraint = 'campaign_name_is_taken',
            hint = 'Each campaign has a name of its own, such as its date behind it.';
    end if;
    insert into campaign_feeds values (new_id);
    insert into campaign_definitions (campaign_id, category, channel, ladder, template, data, locale, time_zone, audience, not_after, holdout_percent)
    values (new_id, category, channel, ladder, coalesce(template, case when body is not null then 'outrider.campaign/' || new_id end, ''), data,
            locale, time_zone, own_audience, not_after, coalesce(holdout_percent, 0));
    perform outrider.note_campaign(new_id, 'created', reason);
    if body is not null then
        insert into templates (tenant, name, channel, body, subject)
        select own_tenant, 'outrider.campaign/' || new_id, c, body, case c when 'email' then subject end from outrider.channels_of(new_id) as c;
    elsif template is not null then
        perform outrider.check_template(new_id, template);
    end if;
    if variants is not null then
        perform outrider.save_variants(new_id, variants, subject);
    end if;
    if opens is not null or closes is not null then
        perform outrider.set_campaign_window(name, opens, closes, days, null, own_tenant);
    end if;
    if num_nonnulls(budget_messages, budget_segments, budget_money) > 0 then
        perform outrider.set_campaign_budget(name, budget_messages, budget_segments, budget_money, budget_currency, null, own_tenant);
    end if;
    if num_nonnulls(filtered_percent, opted_out_percent, configuration_percent, judged_from) > 0 then
        perform outrider.set_campaign_breaker(name, filtered_percent, opted_out_percent, configuration_percent, judged_from, null, own_tenant);
    end if;
    return new_id;
end $$;
comment on function outrider.create_campaign(text, text, text, text, text, text, text, jsonb, text, text, text, timestamptz, timestamptz, text, text, jsonb, numeric, time, time, integer[],
    bigint, bigint, numeric, text, numeric, numeric, numeric, integer) is
    'Makes a campaign that nobody is written to yet: load people, then start it. Returns its id.';

-- ---------------------------------------------------------------------------------------------------------------
-- Load.

drop function outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]);
create function outrider.add_people(
    for_load integer, by_holder uuid, lines bigint[], keys text[], phones text[], emails text[], locales text[], time_zones text[],
    values_given text[], bad_lines bigint[], bad_problems text[], out added integer, out refused_lines bigint[], out refused_problems text[], out held_out integer)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    load campaign_loads;
    campaign campaigns;
    definition campaign_definitions;
    problems text[];
begin
    select * into load from campaign_loads where id = for_load for update;
    if not found or load.holder is distinct from by_holder or load.state <> 'running' then
        raise exception 'load_must_be_yours: this load was ended or taken over' using errcode = 'object_not_in_prerequisite_state',
            constraint = 'load_must_be_yours', hint = 'Load again: whoever was added is not added twice.';
    end if;
    select * into campaign from campaigns where id = load.campaign_id;
    select * into definition from campaign_definitions where campaign_id = load.campaign_id;
    problems := outrider.audience_problems(definition, keys, phones, emails, locales, time_zones, values_given);
    refused_lines := array(select p.line from unnest(lines, problems) with ordinality as p (line, problem, n) where p.problem is not null order by n);
    refused_problems := array_remove(problems, null);
    with ranges as materialized (
        select * from outrider.variant_ranges(campaign.id)
    ), fit as materialized (
        -- 128 bits each, so that no two people are taken for one.
        select *, hashtextextended('k' || key, 1) as k1, hashtextextended('k' || key, 2) as k2,
               hashtextextended('a' || reached_by, 1) as a1, hashtextextended('a' || reached_by, 2) as a2
          from (select u.n, u.key, u.phone, u.email,
                       case when definition.channel = 'email' then email when definition.channel is not null then phone end as address,
                       case when definition.channel = 'email' then outrider.folded(email) else coalesce(phone, outrider.folded(email)) end as reached_by,
                       coalesce(locale, definition.locale) as locale, coalesce(time_zone, definition.time_zone) as time_zone,
                       r.variant, r.template, definition.data || r.data || u.data::jsonb as data
                  from unnest(keys, phones, emails, locales, time_zones, values_given, problems) with ordinality
                         as u (key, phone, email, locale, time_zone, data, problem, n)
                 cross join lateral (select outrider.person_share(campaign.id, coalesce('k' || u.key, 'a' || coalesce(u.phone, u.email))) as share) h
                  join ranges r on h.share >= r.from_share and h.share < r.below
                 where problem is null) p
    ), unlike as materialized (
        -- Of those with one key the first counts, then of those with one address. Digests are looked up one by one (`offset 0`):
        -- as a join on stale statistics it reads all of the campaign for each person.
        select distinct on (a1, a2) * from (
            select distinct on (coalesce(k1, a1), coalesce(k2, a2)) * from fit f
             where not exists (select from campaign_members m where m.campaign_id = campaign.id and m.digest = f.k1 and m.digest2 = f.k2 offset 0)
               and not exists (select from campaign_members m where m.campaign_id = campaign.id and m.digest = f.a1 and m.digest2 = f.a2 offset 0)
             order by coalesce(k1, a1), coalesce(k2, a2), n) k
         order by a1, a2, n
    ), kept as (
        insert into campaign_members
        select campaign.id, k1, k2 from unlike where key is not null union all select campaign.id, a1, a2 from unlike
    ), asked as (
        insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, template, data, locale, time_zone, expires_at,
                          campaign, variant, metadata)
        select campaign.tenant, case when definition.ladder is null then 'send' else 'notify' end, definition.category, definition.channel, address,
               definition.ladder, case when definition.ladder is not null then phone end, case when definition.ladder is not null then email end,
               template, data, locale, time_zone, definition.not_after, campaign.name, variant,
               case when key is null then '{}' else jsonb_build_object('key', key) end
          from unlike where template is not null order by n
    )
    select count(*) filter (where template is not null), count(*) filter (where template is null) into added, held_out from unlike;
    insert into campaign_refusals (load_id, line, problem)
    select for_load, b.line, left(b.problem, 300)
      from unnest(refused_lines || bad_lines, refused_problems || bad_problems) as b (line, problem)
     where load.refused < 1000 order by b.line limit greatest(0, 1000 - load.refused)
    on conflict do nothing;
    update campaign_loads l
       set read = read + cardinality(lines) + cardinality(bad_lines),
           refused = refused + cardinality(refused_lines) + cardinality(bad_lines),
           held_out = l.held_out + add_people.held_out, beat_at = clock_timestamp()
     where id = for_load;
end $$;
comment on function outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]) is
    'Makes jobs of people that a load has read, each once by key and by address, but for those who are held out. bad_lines are rows that the reader has refused. Returns how many are new, and which rows it refuses itself.';

-- ---------------------------------------------------------------------------------------------------------------
-- What a campaign would do, and where it stands.

create or replace function outrider.finish_campaigns() returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    done integer;
    finished integer := 0;
begin
    -- Everybody has ended, nobody is to be fed, and nobody is being loaded. One of which a load has come to its end without anybody, as all
    -- are held out or the audience is empty, is done too, once its time to start has come.
    for done in
        select c.id from campaigns c
         where ((c.state = 'running' and not outrider.load_is_broken(c.id)) or (c.state = 'canceled' and c.ended_at is null))
           and not exists (select from campaign_chunks k where k.campaign_id = c.id)
           and not exists (select from campaign_loads l where l.campaign_id = c.id and l.state in ('waiting', 'running'))
           and (select coalesce(sum(people), 0) = coalesce(sum(ended), 0)
                       and (c.state = 'canceled' or sum(people) > 0
                            or (coalesce(c.starts_at, '-infinity') <= clock_timestamp()
                                and (select l.state = 'done' from campaign_loads l where l.campaign_id = c.id order by l.id desc limit 1)))
                  from campaign_totals t where t.campaign_id = c.id)
         order by c.id limit 100
    loop
        update campaigns c set state = case c.state when 'running' then 'finished' else c.state end, ended_at = clock_timestamp()
         where c.id = done and (c.state = 'running' or (c.state = 'canceled' and c.ended_at is null));
        if found then
            finished := finished + 1;
        end if;
    end loop;
    return finished;
end $$;

create function outrider.window_words(given outrider.campaign_windows) returns text
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select format('%s to %s', to_char(given.opens, 'FMHH24:MI'), to_char(given.closes, 'FMHH24:MI'))
           || case when given.days @> '{1,2,3,4,5,6,7}' then '' else (
               select ' on ' || string_agg((array['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])[d], ', ' order by d)
                 from (select distinct unnest(given.days) as d) u) end
$$;
comment on function outrider.window_words(outrider.campaign_windows) is 'A window as people read it, such as 9:00 to 20:00 on Mon, Tue.';

drop function outrider.campaign_plan(text, text);
create function outrider.campaign_plan(name text, tenant text default outrider.current_tenant())
    returns table (id integer, category text, channels text[], data text, locale text, not_after_us bigint, audience text, texts text, senders text, variants text, prices text,
                   window_words text, rate_per_second numeric)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_plan.name, campaign_plan.tenant);
begin
    return query
    select campaign.id, d.category, c.channels, d.data::text, d.locale, (extract(epoch from d.not_after) * 1000000)::bigint, d.audience,
           (select coalesce(json_agg(json_build_object('template', t.name, 'channel', t.channel, 'locale', t.locale, 'own', t.tenant <> '', 'body', t.body,
                                              'subject', t.subject, 'html', t.html, 'content_sid', t.content_sid,
                                              'content_variables', t.content_variables, 'dynamic_template', t.dynamic_template)), '[]')::text
              from templates t where t.name in (select v.template from outrider.variant_ranges(campaign.id) v) and t.channel = any (c.channels) and t.tenant in ('', campaign.tenant)),
           (select coalesce(json_agg(json_build_object('channel', s.channel, 'rate', s.rate_per_second)), '[]')::text
              from unnest(c.channels) as u (channel) cross join lateral unnest(outrider.sender_ids(campaign.tenant, u.channel)) as i (id)
              join senders s on s.id = i.id and s.enabled),
           (select json_agg(json_build_object('variant', coalesce(v.variant, ''), 'template', v.template, 'data', v.data))::text
              from outrider.variant_ranges(campaign.id) v where v.template is not null),
           (select coalesce(json_agg(json_build_object('channel', p.channel, 'prefix', p.prefix, 'currency', p.currency, 'price', p.price)), '[]')::text
              from (select distinct on (q.currency, q.channel, q.prefix) q.* from prices q where q.channel = any (c.channels) and q.valid_from <= clock_timestamp()
                     order by q.currency, q.channel, q.prefix, q.valid_from desc) p),
           (select outrider.window_words(w) from campaign_windows w where w.campaign_id = campaign.id), campaign.rate_per_second
      from campaign_definitions d
     cross join lateral (
           select case when d.channel is not null then array[d.channel]
                       else array(select s.channel from ladder_steps s where s.ladder_id = outrider.current_ladder(d.ladder) order by s.position) end as channels) c
     where d.campaign_id = campaign.id;
end $$;
comment on function outrider.campaign_plan(text, text) is 'What a campaign that was made with outrider.create_campaign() says, by which channels and senders, at which prices. For outrider campaign preview.';

create function outrider.campaign_end(name text, seconds double precision, tenant text default outrider.current_tenant()) returns timestamptz
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_end.name, campaign_end.tenant);
    hours campaign_windows;
    zone text;
    rest interval := make_interval(secs => seconds);
    opening timestamptz := greatest(campaign.starts_at, clock_timestamp());
    closing timestamptz;
begin
    select * into hours from campaign_windows w where w.campaign_id = campaign.id;
    if not found then
        return opening + rest;
    end if;
    select d.time_zone into zone from campaign_definitions d where d.campaign_id = campaign.id;
    for day in 1..3700 loop
        opening := outrider.next_opening(opening, coalesce(zone, 'UTC'), hours.opens, hours.closes, hours.days);
        closing := ((opening at time zone coalesce(zone, 'UTC'))::date + hours.closes) at time zone coalesce(zone, 'UTC');
        if rest <= closing - opening then
            return opening + rest;
        end if;
        rest := rest - (closing - opening);
        opening := closing;
    end loop;
    return null;
end $$;
comment on function outrider.campaign_end(text, double precision, text) is 'When a campaign that sends for so long would be done, if it began now: with a window, by the hours of the campaign''s own zone.';

drop function outrider.preview_people(text, text[], text[], text[], text[], text[], text[], text);
create function outrider.preview_people(
    name text, keys text[], phones text[], emails text[], locales text[], time_zones text[], values_given text[],
    tenant text default outrider.current_tenant())
    returns table (problem text, closed text[], consented text[], is_window_open boolean, variant text, is_held_out boolean, country text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    campaign campaigns := outrider.visible_campaign(preview_people.name, preview_people.tenant);
    definition campaign_definitions;
begin
    select * into definition from campaign_definitions where campaign_id = campaign.id;
    return query
    select p.problem,
           array(select distinct s.channel from suppressions s
                  where s.address in (outrider.one_spelling(p.phone), outrider.one_spelling(p.email)) and s.tenant in ('', campaign.tenant)
                    and s.lifted_at is null),
           array(select distinct k.channel from consents k
                  where k.address in (outrider.one_spelling(p.phone), outrider.one_spelling(p.email)) and k.tenant = campaign.tenant
                    and k.category = definition.category),
           exists (select from whatsapp_windows w where w.address = outrider.one_spelling(p.phone)
                      and outrider.window_is_open(w.last_inbound_at, statement_timestamp())),
           coalesce(r.variant, ''), r.template is null, outrider.calling_code(p.phone)
      from unnest(keys, phones, emails, outrider.audience_problems(definition, keys, phones, emails, locales, time_zones, values_given))
             with ordinality as p (key, phone, email, problem, n)
      left join outrider.variant_ranges(campaign.id) r
        on outrider.person_share(campaign.id, coalesce('k' || p.key, 'a' || coalesce(p.phone, p.email))) >= r.from_share
       and outrider.person_share(campaign.id, coalesce('k' || p.key, 'a' || coalesce(p.phone, p.email))) < r.below
     order by p.n;
end $$;
comment on function outrider.preview_people(text, text[], text[], text[], text[], text[], text[], text) is
    'For each person, in order: what a load would refuse, the channels they have opted out of or agreed to, whether WhatsApp takes free text, and which variant they get. For outrider campaign preview.';

create or replace view outrider.campaign_status with (security_barrier) as
select c.id, c.tenant, c.name, c.state, c.paused_reason as reason, d.category, coalesce(d.channel, d.ladder) as way,
       coalesce(t.people, 0) as people, coalesce(k.unfed, 0) as unfed, coalesce(t.begun, 0) as begun, coalesce(t.ended, 0) as ended,
       coalesce(t.delivered, 0) as delivered, coalesce(t.attempts, 0) as attempts, coalesce(t.segments, 0) as segments,
       l.state as load_state, l.read as load_read, l.refused as load_refused, l.error as load_error,
       c.starts_at, d.not_after, c.created_at, c.ended_at,
       coalesce((select sum(o.held_out) from outrider.campaign_loads o where o.campaign_id = c.id), 0)::bigint as held_out,
       m.messages as budget_messages, m.segments as budget_segments, m.money as budget_money, m.currency as budget_currency,
       w.opens, w.closes, w.days, c.rate_per_second
  from outrider.campaigns c
  left join outrider.campaign_definitions d on d.campaign_id = c.id
  left join outrider.campaign_limits m on m.campaign_id = c.id
  left join outrider.campaign_windows w on w.campaign_id = c.id
  left join lateral (
       select sum(people)::bigint as people, sum(begun)::bigint as begun, sum(ended)::bigint as ended,
              sum(ended) filter (where outcome = 'delivered')::bigint as delivered, sum(attempts)::bigint as attempts, sum(segments)::bigint as segments
         from (select people, begun, ended, outcome, attempts, segments from outrider.campaign_counts where campaign_id = c.id
               union all
               select people, begun, ended, outcome, attempts, segments from outrider.campaign_deltas where campaign_id = c.id) s) t on true
  left join lateral (select sum(count)::bigint as unfed from outrider.campaign_chunks where campaign_id = c.id) k on true
  left join lateral (select * from outrider.campaign_loads where campaign_id = c.id order by id desc limit 1) l on true
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 order by c.id desc;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.create_campaign(text, text, text, text, text, text, text, jsonb, text, text, text, timestamptz, timestamptz, text, text, jsonb, numeric, time, time, integer[],
    bigint, bigint, numeric, text, numeric, numeric, numeric, integer),
    outrider.campaign_plan(text, text), outrider.campaign_end(text, double precision, text),
    outrider.preview_people(text, text[], text[], text[], text[], text[], text[], text), outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[])
    to outrider_app, outrider_operator;
grant execute on function outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]) to outrider_worker;
grant select on outrider.campaign_variants to outrider_worker, outrider_operator;
