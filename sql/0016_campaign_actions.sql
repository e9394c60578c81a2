-- What people and applications do with campaigns. Every one of these is kept in outrider.campaign_events.

-- ---------------------------------------------------------------------------------------------------------------
-- Loads.

create table outrider.campaign_loads (
    id          integer generated always as identity primary key,
    campaign_id integer not null,
    source      text not null,
    name        text,
    state       text not null default 'waiting',
    read        bigint not null default 0,
    refused     bigint not null default 0,
    holder      uuid,
    beat_at     timestamptz,
    look_at     timestamptz not null default clock_timestamp(),
    failures    integer not null default 0,
    error       text,
    wave        smallint not null default 1,
    classes     text[],
    next_id     bigint not null default 0,
    login       text not null default session_user,
    created_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    constraint load_source_must_be_audience_file_or_retry check (source in ('audience', 'file', 'retry')),
    constraint load_state_must_be_known check (state in ('waiting', 'running', 'done', 'failed', 'left'))
);
comment on table outrider.campaign_loads is 'How the people of a campaign were read: from its audience by a worker, from a file by outrider campaign load, or once more from those who were not reached.';
comment on column outrider.campaign_loads.classes is 'Of a retry: only those whose last failure was of one of these classes; null is any.';
comment on column outrider.campaign_loads.next_id is 'Of a retry: jobs up to this one have been looked at.';
comment on column outrider.campaign_loads.state is 'waiting: for a worker. running. done. failed: see error. left: it was given up before its end.';
comment on column outrider.campaign_loads.read is 'Rows read; of one that began again, since then.';
comment on column outrider.campaign_loads.refused is 'Rows that name nobody who can be written to: outrider.campaign_refusals names the first thousand.';
comment on column outrider.campaign_loads.holder is 'The process that reads. One that was taken for dead finds another''s and adds nobody.';
create unique index campaign_is_loaded_by_one on outrider.campaign_loads (campaign_id) where state in ('waiting', 'running');

create table outrider.campaign_refusals (
    load_id integer not null,
    line    bigint not null,
    problem text not null,
    primary key (load_id, line)
);
comment on table outrider.campaign_refusals is 'Rows of an audience that name nobody who can be written to: the number of the row, and why. Never what stands there.';

create function outrider.visible_campaign(campaign_name text, for_tenant text) returns outrider.campaigns
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_campaign campaigns;
begin
    perform outrider.check_tenant(for_tenant);
    select * into found_campaign from campaigns where tenant = for_tenant and name = campaign_name;
    if not found then
        raise exception 'campaign_must_exist: there is no campaign "%"', left(campaign_name, 100) using
            errcode = 'no_data_found', constraint = 'campaign_must_exist',
            hint = 'Make it with outrider.create_campaign(), or by the first job that names it in the column campaign.';
    end if;
    return found_campaign;
end $$;
comment on function outrider.visible_campaign(text, text) is 'A tenant''s campaign, or an error.';
drop function outrider.check_campaign(text, text) cascade;

-- A worker loads for every tenant. It may not insert jobs itself.
create or replace function outrider.check_tenant(asked_tenant text) returns void language plpgsql stable as $$
begin
    if asked_tenant <> outrider.current_tenant() and not pg_has_role(session_user, 'outrider_operator', 'member')
       and not pg_has_role(session_user, 'outrider_worker', 'member') then
        raise exception 'tenant_must_be_your_own' using
            errcode = 'insufficient_privilege', constraint = 'tenant_must_be_your_own',
            hint = 'Leave tenant out, or ask an operator to map this login in outrider.tenant_roles.';
    end if;
end $$;

create function outrider.check_audience(audience text, for_ladder boolean) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    relation oid;
    schema_name text;
    spelled text;
    names text[];
begin
    -- The worker reads it with its own rights. So it must be the asker's to read, and it must not run another's code.
    if audience ~ '^("([^"]|"")+"|[^."]+)[.]("([^"]|"")+"|[^."]+)$' then
        begin
            relation := to_regclass(audience);
        exception when invalid_name then
            relation := null;
        end;
    end if;
    if relation is null or exists (select from pg_class where oid = relation and relpersistence = 't') then
        raise exception 'audience_must_exist: there is no table or view %', left(audience, 130) using
            errcode = 'undefined_table', constraint = 'audience_must_exist', hint = 'Name it with its schema, such as crm.members.';
    end if;
    -- From here on it goes by its name in the catalog, quoted: what was typed is never part of a statement.
    select n.nspname, format('%I.%I', n.nspname, c.relname) into schema_name, spelled
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation;
    if not exists (select from pg_class where oid = relation and relkind in ('r', 'p', 'v', 'm', 'f')) then
        raise exception 'audience_must_be_a_table_or_a_view: %', spelled using errcode = 'wrong_object_type', constraint = 'audience_must_be_a_table_or_a_view';
    end if;
    if not (has_table_privilege(session_user, relation, 'select') and has_schema_privilege(session_user, schema_name, 'usage')) then
        raise exception 'audience_must_be_yours_to_read: this login may not read %', spelled using errcode = 'insufficient_privilege', constraint = 'audience_must_be_yours_to_read',
            hint = format('Ask its owner: grant select on %s to %I;', spelled, session_user);
    end if;
    if not (has_table_privilege('outrider_worker', relation, 'select') and has_schema_privilege('outrider_worker', schema_name, 'usage')) then
        raise exception 'audience_must_be_granted_to_outrider_worker: workers may not read %', spelled using errcode = 'insufficient_privilege', constraint = 'audience_must_be_granted_to_outrider_worker',
            hint = format('grant usage on schema %I to outrider_worker; grant select on %s to outrider_worker;', schema_name, spelled);
    end if;
    perform outrider.check_audience_code(relation, spelled);
    names := array(select attname::text from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped);
    if not 'key' = any (names) then
        raise exception 'audience_needs_a_key: % has no column "key"', spelled using errcode = 'undefined_column', constraint = 'audience_needs_a_key',
            hint = 'It tells one person from another: such as id as key.';
    end if;
    if not names && (case when for_ladder then '{phone,email}' else '{phone,email,address}' end)::text[] then
        raise exception 'audience_needs_an_address: % has no column "phone" or "email"', spelled using errcode = 'undefined_column', constraint = 'audience_needs_an_address',
            hint = 'For one channel the column may be called address, too.';
    end if;
    -- A view's functions run as its reader. What was found above is checked; who may take the rest upon himself is an operator.
    if exists (select from pg_class where oid = relation and relkind in ('v', 'f'))
       and not pg_has_role(session_user, 'outrider_operator', 'member') and not pg_has_role(session_user, 'outrider_worker', 'member') then
        raise exception 'audience_of_an_application_must_be_a_table: % is a view', spelled using errcode = 'insufficient_privilege',
            constraint = 'audience_of_an_application_must_be_a_table',
            hint = 'Ask an operator to make the campaign, name a table or a materialized view, or load a file: outrider campaign load NAME FILE.';
    end if;
    return spelled;
end $$;
comment on function outrider.check_audience(text, boolean) is 'Refuses an audience that cannot be read, or that the asker or the worker may not read. Returns its name, quoted where it must be.';

create function outrider.check_audience_code(relation oid, spelled text) returns void
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    used oid[];
    runs text;
begin
    -- All tables and views below it. Of a materialized view only what it holds is read.
    with recursive below (oid) as (
        select relation
        union
        select d.refobjid from below b join pg_class c on c.oid = b.oid and c.relkind = 'v' join pg_rewrite r on r.ev_class = b.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    )
    select array_agg(b.oid) into used from below b;
    if exists (select from pg_class c where c.oid = any (used)
                  and (c.relrowsecurity or exists (select from unnest(c.reloptions) as o (option) where o.option like 'security_invoker=%'
                                                      and split_part(o.option, '=', 2)::boolean))) then
        raise exception 'audience_must_read_alike_for_all: % shows each login other rows', spelled using errcode = 'insufficient_privilege', constraint = 'audience_must_read_alike_for_all',
            hint = 'Put the rows into a table or a materialized view, and name that.';
    end if;
    -- Functions that others wrote or that act for Outrider, also behind an operator or a domain's check.
    with recursive parts (classid, objid) as (
        select 'pg_rewrite'::regclass::oid, r.oid from pg_rewrite r join pg_class c on c.oid = r.ev_class and c.relkind = 'v' where r.ev_class = any (used)
        union
        select n.* from parts p cross join lateral (
            select d.refclassid, d.refobjid from pg_depend d
             where d.classid = p.classid and d.objid = p.objid
               and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
            union all
            select 'pg_constraint'::regclass, k.oid from pg_constraint k
             where p.classid = 'pg_type'::regclass and k.contypid = p.objid) n
         where p.classid <> 'pg_proc'::regclass
    )
    select f.oid::regprocedure::text into runs from parts p join pg_proc f on p.classid = 'pg_proc'::regclass and f.oid = p.objid
      join pg_roles o on o.oid = f.proowner
     where not o.rolsuper or f.pronamespace = 'outrider'::regnamespace limit 1;
    -- PostgreSQL's own that run a text as a statement, or act on the server, stand in no catalog of dependencies.
    if runs is null then
        select m.found[1] into runs from unnest(used) as u (oid) join pg_class c on c.oid = u.oid and c.relkind = 'v'
         cross join lateral regexp_matches(pg_get_viewdef(c.oid),
               '\m((?:query|table|schema|database|cursor)_to_xml\w*|ts_stat|ts_rewrite|set_config|setval|nextval|dblink\w*|crosstab\w*'
               '|pg_(?:notify|terminate|cancel|reload|rotate|read|ls|stat_file|switch|promote|logical|create|drop|advisory|try_advisory|export)\w*'
               '|lo_\w+|lowrite|loread)\s*\(', 'i') as m (found) limit 1;
    end if;
    if runs is not null then
        raise exception 'audience_must_not_run_code_as_the_worker: % calls %', spelled, runs using errcode = 'insufficient_privilege', constraint = 'audience_must_not_run_code_as_the_worker',
            hint = 'Put the rows into a table or a materialized view, and name that.';
    end if;
end $$;
comment on function outrider.check_audience_code(oid, text) is 'Refuses a view that would run code with the rights of the worker that reads it, or shows each login other rows.';

create function outrider.note_campaign(for_campaign_id integer, what text, reason text, detail jsonb default '{}') returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    insert into campaign_events (campaign_id, what, reason, detail) values (for_campaign_id, what, left(reason, 1000), detail)
$$;
comment on function outrider.note_campaign(integer, text, text, jsonb) is 'Keeps who did what to a campaign.';

-- ---------------------------------------------------------------------------------------------------------------
-- Create.

alter table outrider.campaign_definitions
    add constraint campaign_needs_a_channel_or_a_ladder check ((channel is null) <> (ladder is null)),
    add constraint channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    add constraint category_of_a_campaign_must_be_alert_transactional_or_marketing check (category in ('alert', 'transactional', 'marketing')),
    add constraint data_must_be_a_json_object check (jsonb_typeof(data) = 'object'),
    add constraint data_must_be_at_most_64_kilobytes check (octet_length(data::text) <= 65536),
    add constraint locale_must_be_a_language_tag check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' and length(locale) <= 35),
    add constraint not_after_must_be_a_time_before_the_year_2200 check (not_after < '2200-01-01 00:00:00+00');

create function outrider.create_campaign(
    name text, channel text default null, ladder text default null, category text default 'marketing',
    body text default null, subject text default null, template text default null, data jsonb default '{}',
    locale text default 'en', time_zone text default 'UTC', audience text default null,
    starts_at timestamptz default null, not_after timestamptz default null,
    reason text default null, tenant text default outrider.current_tenant()) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_column
declare
    new_id integer;
    own_template text := create_campaign.template;
    own_audience text;
    channels text[];
    missing text;
begin
    perform outrider.check_tenant(create_campaign.tenant);
    if (create_campaign.body is null) = (create_campaign.template is null) then
        raise exception 'campaign_takes_a_body_or_a_template' using errcode = 'check_violation',
            constraint = 'campaign_takes_a_body_or_a_template', hint = 'Give the text as body, or the name of a template. Both may have {{placeholders}}.';
    end if;
    if not outrider.is_time_zone(create_campaign.time_zone) then
        raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
            hint = 'Write it as PostgreSQL knows it, for example Europe/Warsaw.';
    end if;
    if create_campaign.not_after <= greatest(create_campaign.starts_at, clock_timestamp()) then
        raise exception 'not_after_must_be_after_the_start' using errcode = 'check_violation',
            constraint = 'not_after_must_be_after_the_start', hint = 'Nobody could be written to. Give a later time.';
    end if;
    if create_campaign.audience is not null then
        own_audience := outrider.check_audience(create_campaign.audience, create_campaign.ladder is not null);
    end if;
    insert into campaigns (tenant, name, state, paused_at, paused_reason, starts_at)
    values (create_campaign.tenant, create_campaign.name, 'draft', clock_timestamp(), 'not started yet', create_campaign.starts_at)
    on conflict do nothing returning id into new_id;
    if not found then
        raise exception 'campaign_name_is_taken: there is a campaign "%"', left(create_campaign.name, 100) using errcode = 'unique_violation',
            constraint = 'campaign_name_is_taken', hint = 'Each campaign has a name of its own, such as its date behind it.';
    end if;
    insert into campaign_feeds values (new_id);
    if create_campaign.ladder is null then
        channels := array[create_campaign.channel];
    else
        channels := array(select distinct s.channel from ladder_steps s where s.ladder_id = outrider.current_ladder(create_campaign.ladder));
        if channels = '{}' then
            raise exception 'ladder_must_exist: there is no ladder "%"', left(create_campaign.ladder, 63) using
                errcode = 'foreign_key_violation', constraint = 'ladder_must_exist',
                hint = 'Use one of outrider.ladders (standard, urgent, whatsapp_first), or save it with outrider.save_ladder.';
        end if;
    end if;
    if create_campaign.body is not null then
        own_template := 'outrider.campaign/' || new_id;
    end if;
    insert into campaign_definitions (campaign_id, category, channel, ladder, template, data, locale, time_zone, audience, not_after)
    values (new_id, create_campaign.category, create_campaign.channel, create_campaign.ladder, own_template, create_campaign.data,
            create_campaign.locale, create_campaign.time_zone, own_audience, create_campaign.not_after);
    if create_campaign.body is not null then
        insert into templates (tenant, name, channel, body, subject)
        select create_campaign.tenant, own_template, c, create_campaign.body, case c when 'email' then create_campaign.subject end
          from unnest(channels) as c;
    else
        select c into missing from unnest(channels) as c
         where not exists (select from templates t where t.name = own_template and t.channel = c and t.tenant in ('', create_campaign.tenant)) limit 1;
        if found then
            raise exception 'template_must_exist: there is no template "%" for %', left(own_template, 100), missing using
                errcode = 'foreign_key_violation', constraint = 'template_must_exist', hint = 'Insert it into outrider.templates first.';
        end if;
    end if;
    perform outrider.note_campaign(new_id, 'created', create_campaign.reason);
    return new_id;
end $$;
comment on function outrider.create_campaign(text, text, text, text, text, text, text, jsonb, text, text, text, timestamptz, timestamptz, text, text) is
    'Makes a campaign that nobody is written to yet: load people, then start it. Returns its id.';

-- ---------------------------------------------------------------------------------------------------------------
-- Load.

create function outrider.load_is_broken(for_campaign_id integer) returns boolean
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce((select l.state in ('failed', 'left') from campaign_loads l
                      where l.campaign_id = for_campaign_id and l.source <> 'retry' order by l.id desc limit 1), false)
$$;
comment on function outrider.load_is_broken(integer) is 'Whether the last load of a campaign ended before everybody was read. Until another one succeeds the campaign is not finished.';

create function outrider.load_campaign(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(load_campaign.name, load_campaign.tenant);
    definition campaign_definitions;
begin
    select * into definition from campaign_definitions where campaign_id = campaign.id;
    if campaign.state <> 'draft' and not (campaign.state in ('running', 'paused') and outrider.load_is_broken(campaign.id)) then
        raise exception 'campaign_is_loaded_before_it_starts: "%" is %', campaign.name, campaign.state using
            errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_is_loaded_before_it_starts',
            hint = 'Who joins later is not written to. Make another campaign for them.';
    elsif definition.audience is null then
        raise exception 'campaign_has_no_audience: "%"', campaign.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_has_no_audience', hint = 'Load a file: outrider campaign load NAME FILE. Or insert jobs with campaign.';
    end if;
    perform outrider.check_audience(definition.audience, definition.ladder is not null);
    insert into campaign_loads (campaign_id, source) values (campaign.id, 'audience') on conflict do nothing;
    if not found then
        return 'loading already';
    end if;
    perform outrider.note_campaign(campaign.id, 'load asked for', load_campaign.reason);
    perform pg_notify('outrider_due', '');
    return 'a worker loads it';
end $$;
comment on function outrider.load_campaign(text, text, text) is 'Asks the workers to read the campaign''s audience. Each person becomes a job, once. outrider.campaign_status shows how far it is.';

create table outrider.campaign_members (
    campaign_id integer not null,
    digest      bigint not null,
    digest2     bigint not null,
    primary key (campaign_id, digest, digest2)
);
comment on table outrider.campaign_members is 'Who is in a campaign, as digests of keys and addresses, so that nobody is loaded twice. Deleted once nobody can be loaded any more.';

create function outrider.forget_members(at_most integer default 20000) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    done integer;
    forgotten integer;
begin
    -- Steps from campaign to campaign along the key.
    with recursive present as (
        (select campaign_id from campaign_members order by campaign_id limit 1)
        union all
        select n.campaign_id from present p
         cross join lateral (select m.campaign_id from campaign_members m where m.campaign_id > p.campaign_id order by 1 limit 1) n
    )
    select p.campaign_id into done from present p join campaigns c on c.id = p.campaign_id
     where c.state <> 'draft' and (c.state = 'canceled' or not outrider.load_is_broken(c.id))
       and not exists (select from campaign_loads l where l.campaign_id = c.id and l.state in ('waiting', 'running')) limit 1;
    if not found then
        return false;
    end if;
    delete from campaign_members m where m.ctid = any (array(
        select ctid from campaign_members where campaign_id = done limit at_most for update skip locked));
    get diagnostics forgotten = row_count;
    return forgotten > 0;
end $$;
comment on function outrider.forget_members(integer) is 'Deletes digests of a campaign into which nobody can be loaded any more, at most so many, and says whether there may be more.';

create function outrider.begin_load(
    name text, file text, reason text default null, tenant text default outrider.current_tenant(), out load_id integer, out holder uuid)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(begin_load.name, begin_load.tenant);
begin
    if campaign.state <> 'draft' or not exists (select from campaign_definitions d where d.campaign_id = campaign.id) then
        raise exception 'campaign_is_loaded_before_it_starts: "%" is %', campaign.name, campaign.state using
            errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_is_loaded_before_it_starts',
            hint = 'Who joins later is not written to. Make another campaign for them.';
    end if;
    if exists (select from campaign_loads l where l.campaign_id = campaign.id and l.state in ('waiting', 'running')
                  and (l.source = 'audience' or l.beat_at > clock_timestamp() - interval '30 seconds') for update) then
        raise exception 'campaign_is_loaded_by_one: somebody loads "%" now', campaign.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_is_loaded_by_one', hint = 'Wait until that is done: outrider.campaign_status shows it.';
    end if;
    -- One that was killed. Whom it had added stays, and is not added again.
    update campaign_loads l set state = 'left', ended_at = clock_timestamp() where l.campaign_id = campaign.id and l.state = 'running';
    holder := gen_random_uuid();
    insert into campaign_loads (campaign_id, source, name, state, holder, beat_at)
    values (campaign.id, 'file', left(begin_load.file, 200), 'running', holder, clock_timestamp())
    returning id into load_id;
    perform outrider.note_campaign(campaign.id, 'load begun', begin_load.reason, jsonb_build_object('file', left(begin_load.file, 200)));
end $$;
comment on function outrider.begin_load(text, text, text, text) is 'Begins to load people from a file, which outrider.add_people() then adds.';

create function outrider.claim_load(
    out load_id integer, out holder uuid, out campaign text, out audience text, out failures integer)
    returns setof record
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    claimed campaign_loads;
begin
    select * into claimed from campaign_loads l
     where l.source <> 'file' and l.look_at <= clock_timestamp() and outrider.displacement() is null
       and (l.state = 'waiting' or (l.state = 'running' and l.beat_at < clock_timestamp() - interval '30 seconds'))
     order by l.id limit 1 for update skip locked;
    if not found then
        return;
    end if;
    if claimed.state = 'running' then
        -- Its worker died. A row that kills each worker that reads it must not kill them all.
        claimed.failures := claimed.failures + 1;
        if claimed.failures >= 10 then
            perform outrider.end_load(claimed.id, claimed.holder, 'ten workers were lost in it: look at their logs, then load again');
            return;
        end if;
    end if;
    -- An audience is read from the beginning; who was added before is known by key and address.
    if claimed.source = 'audience' then
        delete from campaign_refusals r where r.load_id = claimed.id;
        claimed.read := 0;
        claimed.refused := 0;
    end if;
    update campaign_loads l set state = 'running', holder = gen_random_uuid(), beat_at = clock_timestamp(),
                                read = claimed.read, refused = claimed.refused, failures = claimed.failures, error = null
     where l.id = claimed.id returning * into claimed;
    return query select claimed.id, claimed.holder, c.name, case when claimed.source = 'audience' then d.audience end, claimed.failures
                   from campaigns c left join campaign_definitions d on d.campaign_id = c.id where c.id = claimed.campaign_id;
end $$;
comment on function outrider.claim_load() is 'Takes on a load that no worker works on. Nothing when there is none.';

create function outrider.audience_problems(
    definition outrider.campaign_definitions, keys text[], phones text[], emails text[], locales text[], time_zones text[], values_given text[])
    returns text[]
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    strange_zones constant text[] := array(select z from (select distinct unnest(time_zones) as z) d where not outrider.is_time_zone(z));
    address_needed constant text := case when definition.channel is null then 'a phone number or an e-mail address'
                                         when definition.channel = 'email' then 'an e-mail address' else 'a phone number' end;
begin
    return array(
        select case
                when case when definition.channel = 'email' then email when definition.channel is not null then phone
                          else coalesce(phone, email) end is null then 'must have ' || address_needed
                when time_zone = any (strange_zones) then 'column time_zone must be known, such as Europe/Warsaw'
                when locale collate "C" !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' or length(locale) > 35
                    then 'column locale must be a language tag, such as en or pt-BR'
                when length(key) > 200 then 'column key must have at most 200 characters'
                when octet_length(data) > 64000 - octet_length(definition.data::text) then 'must have at most 64 kilobytes of data' end
          from unnest(keys, phones, emails, locales, time_zones, values_given) with ordinality
                 as u (key, phone, email, locale, time_zone, data, n) order by n);
end $$;
comment on function outrider.audience_problems(outrider.campaign_definitions, text[], text[], text[], text[], text[], text[]) is
    'For each person of a campaign that is loaded: why nobody can be written to, or null.';

create function outrider.add_people(
    for_load integer, by_holder uuid, lines bigint[], keys text[], phones text[], emails text[], locales text[], time_zones text[],
    values_given text[], bad_lines bigint[], bad_problems text[], out added integer, out refused_lines bigint[], out refused_problems text[])
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
    with fit as materialized (
        -- 128 bits each, so that no two people are taken for one.
        select *, hashtextextended('k' || key, 1) as k1, hashtextextended('k' || key, 2) as k2,
               hashtextextended('a' || reached_by, 1) as a1, hashtextextended('a' || reached_by, 2) as a2
          from (select n, key, phone, email,
                       case when definition.channel = 'email' then email when definition.channel is not null then phone end as address,
                       case when definition.channel = 'email' then outrider.folded(email) else coalesce(phone, outrider.folded(email)) end as reached_by,
                       coalesce(locale, definition.locale) as locale, coalesce(time_zone, definition.time_zone) as time_zone,
                       definition.data || data::jsonb as data
                  from unnest(keys, phones, emails, locales, time_zones, values_given, problems) with ordinality
                         as u (key, phone, email, locale, time_zone, data, problem, n)
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
    )
    insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, template, data, locale, time_zone, expires_at,
                      campaign, metadata)
    select campaign.tenant, case when definition.ladder is null then 'send' else 'notify' end, definition.category, definition.channel, address,
           definition.ladder, case when definition.ladder is not null then phone end, case when definition.ladder is not null then email end,
           definition.template, data, locale, time_zone, definition.not_after, campaign.name,
           case when key is null then '{}' else jsonb_build_object('key', key) end
      from unlike order by n;
    get diagnostics added = row_count;
    insert into campaign_refusals (load_id, line, problem)
    select for_load, b.line, left(b.problem, 300)
      from unnest(refused_lines || bad_lines, refused_problems || bad_problems) as b (line, problem)
     where load.refused < 1000 order by b.line limit greatest(0, 1000 - load.refused)
    on conflict do nothing;
    update campaign_loads
       set read = read + cardinality(lines) + cardinality(bad_lines),
           refused = refused + cardinality(refused_lines) + cardinality(bad_lines), beat_at = clock_timestamp()
     where id = for_load;
end $$;
comment on function outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]) is
    'Makes jobs of people that a load has read, each once by key and by address. bad_lines are rows that the reader has refused. Returns how many are new, and which rows it refuses itself.';

create function outrider.campaign_part(for_campaign_id integer, after bigint, part integer, before_wave integer default 32767) returns bigint[]
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    campaign campaigns;
    no_more constant bigint := 9223372036854775807;
    up_to bigint;
    ids bigint[];
begin
    select * into campaign from campaigns where id = for_campaign_id;
    loop
        -- The ranges of one part, and no id from where the next one begins: two that were inserted at once take ids in turn.
        with next as materialized (
            select r.*, r.first_id > after + 1 and (sum(r.count) over w - r.count >= part or row_number() over w > 5000) as is_later
              from (select * from campaign_ranges g
                     where g.campaign_id = for_campaign_id and g.last_id > after and g.wave < before_wave order by g.first_id limit 5001) r
            window w as (order by r.first_id)
        ), bound as (
            select coalesce(min(first_id) filter (where is_later), no_more) as cut from next
        )
        select b.cut, f.found into up_to, ids from bound b
         cross join lateral (
               select array_agg(u.id order by u.id) as found from (
                   select j.id from next n
                    cross join lateral (
                          select o.id from jobs o where o.id between greatest(n.first_id, after + 1) and least(n.last_id, b.cut - 1)
                             and o.tenant = campaign.tenant and o.campaign = campaign.name and o.wave = n.wave and o.xact = n.xact
                           order by o.id limit part) j
                    where not n.is_later order by j.id limit part) u) f;
        exit when ids is not null or up_to = no_more;
        after := up_to - 1;
    end loop;
    return coalesce(ids, '{}');
end $$;
comment on function outrider.campaign_part(integer, bigint, integer, integer) is 'The next jobs of a campaign after an id, at most so many, in order: of all waves, or of those before one.';

create function outrider.retry_part(for_load integer, by_holder uuid, part integer default 5000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    load campaign_loads;
    campaign campaigns;
    last_id bigint;
    looked integer;
begin
    select * into load from campaign_loads where id = for_load for update;
    if not found or load.holder is distinct from by_holder or load.state <> 'running' then
        raise exception 'load_must_be_yours: this load was ended or taken over' using errcode = 'object_not_in_prerequisite_state', constraint = 'load_must_be_yours',
            hint = 'Load again: whoever was added is not added twice.';
    end if;
    select * into campaign from campaigns where id = load.campaign_id;
    with looked_at as materialized (
        select j.* from unnest(outrider.campaign_part(campaign.id, load.next_id, part, load.wave)) as u (id)
         cross join lateral (select * from jobs where id = u.id offset 0) j
    ), failed as (
        -- Not those who were reached, do not want it, or may have been reached.
        select l.* from looked_at l
         cross join lateral (select code from events e where e.job_id = l.id and e.generation = 0 and e.kind || '' = 'outcome' offset 0) o
          left join lateral (select class from events e where e.job_id = l.id and e.class is not null
                              order by generation desc, at desc limit 1) f on true
         where o.code in ('exhausted', 'expired') and (load.classes is null or coalesce(f.class, o.code) = any (load.classes))
    ), asked as (
        -- The key is the one of outrider.retry(): nobody is asked again twice, whoever does it.
        insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
                          time_zone, expires_at, wait_seconds, priority, idempotency_key, campaign, variant, wave, metadata)
        select tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
               time_zone, (select not_after from campaign_definitions d where d.campaign_id = campaign.id), wait_seconds, priority,
               'outrider.retry/' || id, f.campaign, variant, load.wave, metadata || jsonb_build_object('retry_of', id)
          from failed f order by id
    )
    select max(id), count(*) into last_id, looked from looked_at;
    update campaign_loads set next_id = coalesce(last_id, next_id), read = read + looked, beat_at = clock_timestamp() where id = for_load;
    return looked;
end $$;
comment on function outrider.retry_part(integer, uuid, integer) is
    'Looks at so many jobs of a campaign''s earlier waves and asks again for those that a retry is for, in the new wave. Returns how many it looked at.';

create function outrider.beat_load(for_load integer, by_holder uuid) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update campaign_loads set beat_at = clock_timestamp() where id = for_load and holder = by_holder and state = 'running';
    return found;
end $$;
comment on function outrider.beat_load(integer, uuid) is 'Says that a load goes on, while its audience is slow to read. False: another has taken it over, or it was ended.';

create function outrider.end_load(for_load integer, by_holder uuid, failure text default null) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    ended campaign_loads;
begin
    update campaign_loads set state = case when failure is null then 'done' else 'failed' end, error = left(failure, 1000),
                              ended_at = clock_timestamp(), beat_at = clock_timestamp()
     where id = for_load and holder = by_holder and state = 'running' returning * into ended;
    if found then
        perform outrider.note_campaign(ended.campaign_id, case when failure is null then 'loaded' else 'load failed' end, failure,
                                       jsonb_build_object('read', ended.read, 'refused', ended.refused));
    end if;
end $$;
comment on function outrider.end_load(integer, uuid, text) is 'Everybody has been read; or the load cannot go on, and why.';

create function outrider.put_off_load(for_load integer, by_holder uuid, seconds double precision, failure text) returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    update campaign_loads set state = 'waiting', holder = null, failures = failures + case when seconds > 0 then 1 else 0 end, error = left(failure, 1000),
                              look_at = clock_timestamp() + make_interval(secs => seconds)
     where id = for_load and holder = by_holder and state = 'running'
$$;
comment on function outrider.put_off_load(integer, uuid, double precision, text) is 'The audience could not be read: a worker tries again later.';

create function outrider.finish_campaigns() returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    done integer;
    finished integer := 0;
begin
    -- Everybody has ended, nobody is to be fed, and nobody is being loaded.
    for done in
        select c.id from campaigns c
         where ((c.state = 'running' and not outrider.load_is_broken(c.id)) or (c.state = 'canceled' and c.ended_at is null))
           and not exists (select from campaign_chunks k where k.campaign_id = c.id)
           and not exists (select from campaign_loads l where l.campaign_id = c.id and l.state in ('waiting', 'running'))
           and (select coalesce(sum(people), 0) = coalesce(sum(ended), 0) and (c.state = 'canceled' or sum(people) > 0)
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
comment on function outrider.finish_campaigns() is 'Notes which campaigns have nobody left, and returns how many that were.';

-- ---------------------------------------------------------------------------------------------------------------
-- Start, pause, resume, cancel.

create function outrider.start_campaign(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(start_campaign.name, start_campaign.tenant);
    definition campaign_definitions;
begin
    select * into campaign from campaigns where id = campaign.id for no key update;
    select * into definition from campaign_definitions where campaign_id = campaign.id;
    if campaign.state <> 'draft' then
        raise exception 'campaign_starts_once: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_starts_once',
            hint = case campaign.state when 'paused' then 'Let it go on with outrider.resume_campaign().' else 'See outrider.campaign_status.' end;
    elsif definition.not_after <= clock_timestamp() then
        raise exception 'campaign_must_have_time: "%" was to end by %', campaign.name, definition.not_after using
            errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_must_have_time', hint = 'Make another one with a later not_after.';
    elsif exists (select from campaign_loads l where l.campaign_id = campaign.id and l.source = 'file' and l.state = 'running')
          or outrider.load_is_broken(campaign.id) then
        raise exception 'campaign_must_be_loaded: a load of "%" has not come to its end', campaign.name using
            errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_must_be_loaded', hint = 'Load again: whoever was added is not added twice.';
    elsif definition.audience is not null and not exists (select from campaign_loads l where l.campaign_id = campaign.id) then
        insert into campaign_loads (campaign_id, source) values (campaign.id, 'audience');
    elsif not exists (select from campaign_ranges r where r.campaign_id = campaign.id)
          and not exists (select from campaign_loads l where l.campaign_id = campaign.id and l.state in ('waiting', 'running')) then
        raise exception 'campaign_has_nobody: "%" has no people', campaign.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_has_nobody', hint = 'Load its audience or a file, or insert jobs with campaign.';
    end if;
    update campaigns set state = 'running', paused_at = null, paused_reason = null where id = campaign.id;
    perform outrider.note_campaign(campaign.id, 'started', start_campaign.reason);
    perform outrider.feed_campaign(campaign.id, 1000);
    perform pg_notify('outrider_due', '');
    return case when campaign.starts_at > clock_timestamp() then 'started: nobody is written to before ' || campaign.starts_at else 'started' end;
end $$;
comment on function outrider.start_campaign(text, text, text) is 'Lets a campaign begin. One whose audience has not been loaded is loaded and written to at the same time.';

create or replace function outrider.pause_campaign(name text, reason text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(pause_campaign.name, pause_campaign.tenant);
    on_their_way bigint;
begin
    update campaigns c
       set state = 'paused', paused_at = clock_timestamp(), paused_reason = session_user || ': ' || coalesce(reason, 'no reason given')
     where c.id = campaign.id and c.state in ('running', 'finished');
    if not found then
        if campaign.state = 'paused' then
            return 'paused already';
        end if;
        raise exception 'campaign_must_run: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_run', hint = 'Only one that runs can be paused.';
    end if;
    perform outrider.note_campaign(campaign.id, 'paused', pause_campaign.reason);
    -- What was begun in the last seconds may still leave; later no request body does.
    select count(*) into on_their_way from open_sends o where o.campaign_id = campaign.id and o.since > clock_timestamp() - interval '5 seconds';
    return 'paused: nothing more of it is begun' || case when on_their_way > 0 then format('; %s sends were under way', on_their_way) else '' end;
end $$;

create or replace function outrider.resume_campaign(name text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(resume_campaign.name, resume_campaign.tenant);
begin
    update campaigns c set state = 'running', paused_at = null, paused_reason = null where c.id = campaign.id and c.state = 'paused';
    if not found then
        if campaign.state in ('running', 'finished') then
            return 'running already';
        end if;
        raise exception 'campaign_must_be_paused: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_be_paused',
            hint = case campaign.state when 'draft' then 'Start it with outrider.start_campaign().' else 'What was canceled stays so.' end;
    end if;
    perform outrider.note_campaign(campaign.id, 'resumed', null);
    perform pg_notify('outrider_due', '');
    return 'resumed';
end $$;

create function outrider.cancel_campaign(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(cancel_campaign.name, cancel_campaign.tenant);
    people bigint;
    begun bigint;
    ended bigint;
begin
    update campaigns c
       set state = 'canceled', paused_at = coalesce(c.paused_at, clock_timestamp()), ended_at = null,
           paused_reason = 'canceled by ' || session_user || ': ' || coalesce(reason, 'no reason given')
     where c.id = campaign.id and c.state <> 'canceled';
    if not found then
        return 'canceled already';
    end if;
    update campaign_loads l set state = 'left', ended_at = clock_timestamp() where l.campaign_id = campaign.id and l.state in ('waiting', 'running');
    select coalesce(sum(t.people), 0), coalesce(sum(t.begun), 0), coalesce(sum(t.ended), 0) into people, begun, ended
      from campaign_totals t where t.campaign_id = campaign.id;
    perform outrider.note_campaign(campaign.id, 'canceled', cancel_campaign.reason, jsonb_build_object('people', people, 'begun', begun, 'ended', ended));
    perform pg_notify('outrider_due', '');
    return format('canceled: of %s people %s had ended, and a send had been begun for %s; nobody else gets anything', people, ended, begun);
end $$;
comment on function outrider.cancel_campaign(text, text, text) is 'Ends a campaign: nothing more of it is begun after the commit. Says for how many people a send had been begun.';

create function outrider.retry_campaign(
    name text, classes text[] default null, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(retry_campaign.name, retry_campaign.tenant);
    strange text := (select c from unnest(classes) as c where c not in (select distinct e.class from error_codes e union all select 'expired') limit 1);
    next_wave smallint;
begin
    if strange is not null then
        raise exception 'class_must_be_known: there is no class "%"', left(strange, 63) using errcode = 'check_violation',
            constraint = 'class_must_be_known', hint = 'See outrider.campaign_report(), column class, such as {unreachable,no_answer}.';
    elsif campaign.state not in ('running', 'finished', 'paused') then
        raise exception 'campaign_must_have_started: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_have_started', hint = 'Only who was written to and not reached is asked again.';
    elsif (select d.not_after <= clock_timestamp() from campaign_definitions d where d.campaign_id = campaign.id) then
        raise exception 'campaign_must_have_time: "%" was to end before now', campaign.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_have_time', hint = 'Make another one with a later not_after.';
    end if;
    next_wave := (select max(wave) + 1 from (select r.wave from campaign_ranges r where r.campaign_id = campaign.id
                                             union all select l.wave from campaign_loads l where l.campaign_id = campaign.id
                                             union all select 1) w);
    insert into campaign_loads (campaign_id, source, wave, classes) values (campaign.id, 'retry', next_wave, retry_campaign.classes)
    on conflict do nothing;
    if not found then
        return 'people are being loaded already: try again when that is done';
    end if;
    perform outrider.note_campaign(campaign.id, 'retry asked for', retry_campaign.reason,
                                   jsonb_build_object('wave', next_wave, 'classes', retry_campaign.classes));
    return format('wave %s: a worker asks again for those who were not reached', next_wave);
end $$;
comment on function outrider.retry_campaign(text, text[], text, text) is
    'Asks again, in a new wave, for those whom nothing reached, each once: all, or those whose last failure was of one of these classes. Never for those who were reached, have opted out, or of whom nobody knows.';

-- ---------------------------------------------------------------------------------------------------------------
-- Reports.

create view outrider.campaign_status with (security_barrier) as
select c.id, c.tenant, c.name, c.state, c.paused_reason as reason, d.category, coalesce(d.channel, d.ladder) as way,
       coalesce(t.people, 0) as people, coalesce(k.unfed, 0) as unfed, coalesce(t.begun, 0) as begun, coalesce(t.ended, 0) as ended,
       coalesce(t.delivered, 0) as delivered, coalesce(t.attempts, 0) as attempts, coalesce(t.segments, 0) as segments,
       l.state as load_state, l.read as load_read, l.refused as load_refused, l.error as load_error,
       c.starts_at, d.not_after, c.created_at, c.ended_at
  from outrider.campaigns c
  left join outrider.campaign_definitions d on d.campaign_id = c.id
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
comment on view outrider.campaign_status is 'Campaigns and how far each has come. people = those whose first send has not begun + those under way + ended.';

create view outrider.campaign_history with (security_barrier) as
select e.campaign_id, c.tenant, c.name, e.at, e.login, e.what, e.reason, e.detail, e.id
  from outrider.campaign_events e join outrider.campaigns c on c.id = e.campaign_id
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());
comment on view outrider.campaign_history is 'Who did what to a campaign, when and why.';

create view outrider.campaign_pace with (security_barrier) as
select m.campaign_id, c.tenant, c.name, m.minute, m.begun, m.attempts, m.ended
  from outrider.campaign_minutes m join outrider.campaigns c on c.id = m.campaign_id
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());
comment on view outrider.campaign_pace is 'How a campaign went, minute by minute; the last seconds are not in it yet.';

create function outrider.campaign_report(name text, tenant text default outrider.current_tenant())
    returns table (wave smallint, variant text, country text, channel text, outcome text, class text,
                   people bigint, begun bigint, attempts bigint, segments bigint, ended bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_report.name, campaign_report.tenant);
begin
    return query select t.wave, t.variant, t.country, t.channel, t.outcome, t.class, t.people, t.begun, t.attempts, t.segments, t.ended
                   from campaign_totals t where t.campaign_id = campaign.id order by 1, 2, 3, 4, 5, 6;
end $$;
comment on function outrider.campaign_report(text, text) is 'The exact counts of a campaign as of now: by wave, variant, calling code, channel, outcome and class of the last failure. Add up what you need.';

create function outrider.campaign_people(name text, after bigint default 0, at_most integer default 1000, tenant text default outrider.current_tenant())
    returns table (job_id bigint, key text, wave smallint, variant text, state text, outcome text, channel text, class text, reason text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_people.name, campaign_people.tenant);
begin
    return query
    select s.id, s.metadata ->> 'key', s.wave, s.variant, s.state, s.outcome, s.channel,
           case when s.outcome not in ('delivered', 'canceled') then (
               select e.class from events e where e.job_id = s.id and e.class is not null order by e.generation desc, e.at desc limit 1) end, s.reason
      from unnest(outrider.campaign_part(campaign.id, after, at_most)) as i (id)
     cross join lateral (select * from job_status js where js.id = i.id offset 0) s
     order by s.id;
end $$;
comment on function outrider.campaign_people(text, bigint, integer, text) is 'The jobs of a campaign after this id, with what became of each: the person''s key, never an address.';

create function outrider.check_campaign_counts(name text, tenant text default outrider.current_tenant())
    returns table (what text, counted bigint, found bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = on as $$
declare
    campaign campaigns := outrider.visible_campaign(check_campaign_counts.name, check_campaign_counts.tenant);
begin
    return query
    with members as materialized (
        select j.id, j.tenant, j.campaign, j.run_at, j.xact from campaign_ranges r
         cross join lateral (
               select i.* from jobs i where i.id between r.first_id and r.last_id
                  and i.tenant = campaign.tenant and i.campaign = campaign.name and i.wave = r.wave and i.xact = r.xact) j
         where r.campaign_id = campaign.id
    ), facts as (
        select count(*) as people,
               count(*) filter (where exists (select from events e where e.job_id = m.id and e.kind = 'intent' offset 0)) as begun,
               count(*) filter (where exists (select from events e where e.job_id = m.id and e.generation = 0 and e.kind || '' = 'outcome' offset 0)) as ended,
               count(*) filter (where outrider.awaits_feed(m.id, m.tenant, m.campaign, m.run_at, m.xact)) as unfed
          from members m
    ), counts as (
        select coalesce(sum(people), 0)::bigint as people, coalesce(sum(begun), 0)::bigint as begun, coalesce(sum(ended), 0)::bigint as ended
          from campaign_totals where campaign_id = campaign.id
    )
    select 'people', c.people, f.people from counts c, facts f
    union all select 'begun', c.begun, f.begun from counts c, facts f
    union all select 'ended', c.ended, f.ended from counts c, facts f
    union all select 'unfed', (select coalesce(sum(count), 0)::bigint from campaign_chunks k where k.campaign_id = campaign.id), f.unfed from facts f;
end $$;
comment on function outrider.check_campaign_counts(text, text) is 'The counts of a campaign beside what its jobs and events say, one by one. Reads all of them.';

create function outrider.recount_campaign(name text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = on as $$
declare
    campaign campaigns := outrider.visible_campaign(recount_campaign.name, recount_campaign.tenant);
    before bigint;
    after bigint;
begin
    if not exists (select from campaign_ranges r where r.campaign_id = campaign.id) then
        return 'it has no jobs since the migration: nothing to count';
    end if;
    perform from campaign_feeds where campaign_id = campaign.id for update;
    -- No fold may bring back what is deleted here.
    lock table campaign_counts in share row exclusive mode;
    -- One statement, one snapshot: whatever it does not see yet adds a row of its own to what is written here.
    with old as (
        delete from campaign_counts where campaign_id = campaign.id returning people, ended
    ), fresh as (
        delete from campaign_deltas where campaign_id = campaign.id returning people, ended
    ), members as materialized (
        select j.* from campaign_ranges r
         cross join lateral (
               select i.id, i.wave, coalesce(i.variant, '') as variant, outrider.calling_code(coalesce(i.address, i.phone)) as country
                 from jobs i where i.id between r.first_id and r.last_id
                  and i.tenant = campaign.tenant and i.campaign = campaign.name and i.wave = r.wave and i.xact = r.xact) j
         where r.campaign_id = campaign.id
    ), counted as (
        insert into campaign_deltas (campaign_id, wave, variant, country, channel, outcome, class, people, begun, attempts, ended)
        select campaign.id, wave, variant, country, channel, outcome, class, sum(people), sum(begun), sum(attempts), sum(ended)
          from (select wave, variant, country, '' as channel, '' as outcome, '' as class, 1 as people, 0 as begun, 0 as attempts, 0 as ended
                  from members
                union all
                select m.wave, m.variant, m.country, e.channel, '', '', 0, case when e.generation = min(e.generation) over (partition by e.job_id)
                                                                              then 1 else 0 end, 1, 0
                  from members m join events e on e.job_id = m.id and e.kind = 'intent'
                union all
                select m.wave, m.variant, m.country, coalesce(o.channel, ''), coalesce(o.code, ''), coalesce(f.class, ''), 0, 0, 0, 1
                  from members m join events o on o.job_id = m.id and o.generation = 0 and o.kind || '' = 'outcome'
                  left join lateral (select class from events where job_id = m.id and class is not null and o.code not in ('delivered', 'canceled')
                                      order by generation desc, at desc limit 1) f on true) facts
         group by 2, 3, 4, 5, 6, 7 returning people, ended
    )
    select (select coalesce(sum(people + ended), 0) from (select * from old union all select * from fresh) b),
           (select coalesce(sum(people + ended), 0) from counted) into before, after;
    perform outrider.note_campaign(campaign.id, 'recounted', null, jsonb_build_object('differed', before <> after));
    return case when before = after then 'the counts were right' else 'counted anew' end;
end $$;
comment on function outrider.recount_campaign(text, text) is 'Counts a campaign anew from its jobs and events: for one that workers of an earlier release have worked on, or whose rows came by replication. Reads all of them; segments begin at nothing.';

-- ---------------------------------------------------------------------------------------------------------------
-- What a campaign would do, before it does. Nothing here writes.

create function outrider.campaign_plan(name text, tenant text default outrider.current_tenant())
    returns table (id integer, category text, channels text[], data text, locale text, not_after_us bigint, audience text, texts text, senders text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_plan.name, campaign_plan.tenant);
begin
    return query
    select campaign.id, d.category, c.channels, d.data::text, d.locale, (extract(epoch from d.not_after) * 1000000)::bigint, d.audience,
           (select coalesce(json_agg(json_build_object('channel', t.channel, 'locale', t.locale, 'own', t.tenant <> '', 'body', t.body,
                                              'subject', t.subject, 'html', t.html, 'content_sid', t.content_sid,
                                              'content_variables', t.content_variables, 'dynamic_template', t.dynamic_template)), '[]')::text
              from templates t where t.name = d.template and t.channel = any (c.channels) and t.tenant in ('', campaign.tenant)),
           (select coalesce(json_agg(json_build_object('channel', s.channel, 'rate', s.rate_per_second)), '[]')::text
              from unnest(c.channels) as u (channel) cross join lateral unnest(outrider.sender_ids(campaign.tenant, u.channel)) as i (id)
              join senders s on s.id = i.id and s.enabled)
      from campaign_definitions d
     cross join lateral (
           select case when d.channel is not null then array[d.channel]
                       else array(select s.channel from ladder_steps s where s.ladder_id = outrider.current_ladder(d.ladder) order by s.position) end as channels) c
     where d.campaign_id = campaign.id;
end $$;
comment on function outrider.campaign_plan(text, text) is 'What a campaign that was made with outrider.create_campaign() says, by which channels and senders. For outrider campaign preview.';

create function outrider.preview_people(
    name text, keys text[], phones text[], emails text[], locales text[], time_zones text[], values_given text[],
    tenant text default outrider.current_tenant())
    returns table (problem text, closed text[], consented text[], is_window_open boolean)
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
                      and outrider.window_is_open(w.last_inbound_at, statement_timestamp()))
      from unnest(phones, emails, outrider.audience_problems(definition, keys, phones, emails, locales, time_zones, values_given))
             with ordinality as p (phone, email, problem, n)
     order by p.n;
end $$;
comment on function outrider.preview_people(text, text[], text[], text[], text[], text[], text[], text) is
    'For each person, in order: what a load would refuse, the channels they have opted out of or agreed to, and whether WhatsApp takes free text. For outrider campaign preview.';

-- Of a canceled campaign a job that was not begun is canceled at once, before it is written down.
create or replace view outrider.job_status with (security_barrier) as
select j.id, j.tenant, j.kind, j.category, j.ladder,
       case when o.code is not null then o.code
            when h.held then 'held'
            when i.generation is null and k.is_canceled then 'canceled'
            when i.generation is null and j.run_at > clock_timestamp() then 'scheduled'
            when i.generation is null then 'queued'
            when a.status is null then 'sending'
            else 'waiting' end as state,
       coalesce(o.code, case when i.generation is null and k.is_canceled then 'canceled' end) as outcome,
       coalesce(o.channel, i.channel, j.channel) as channel,
       o.reason,
       coalesce(i.attempts, 0) as attempts,
       i.step,
       j.run_at, j.created_at, i.first_at as started_at, o.at as ended_at,
       j.idempotency_key, j.metadata, j.campaign, j.variant, j.wave
  from outrider.jobs j
  left join lateral (
       select e.code, e.channel, e.reason, e.at from outrider.events e
        where e.job_id = j.id and e.generation = 0 and e.kind || '' = 'outcome' and e.status = 'ended' limit 1) o on true
  left join lateral (
       select (array_agg(e.generation order by e.generation desc))[1] as generation,
              (array_agg(e.channel order by e.generation desc))[1] as channel,
              (array_agg(e.step order by e.generation desc))[1] as step,
              count(*) as attempts, min(e.at) as first_at
         from outrider.events e where e.job_id = j.id and e.kind = 'intent' having count(*) > 0) i on true
  left join lateral (
       select e.status from outrider.events e
        where e.job_id = j.id and e.generation = i.generation and e.kind = 'answer' limit 1) a on true
  left join lateral (
       select true as held from outrider.events e
        where e.job_id = j.id and e.kind || '' = 'held'
          and not exists (select from outrider.events r where r.job_id = j.id and r.generation = e.generation and r.kind = 'released')
        limit 1) h on true
  left join lateral (
       select c.state = 'canceled' as is_canceled from outrider.campaigns c
        where j.campaign is not null and c.tenant = j.tenant and c.name = j.campaign offset 0) k on true
 -- Subselects, so that both are found once a query and not once a row.
 where j.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 -- So that the newest are found by the index: a barrier's rows come in no order that the query above it could use.
 order by j.id desc;
comment on view outrider.job_status is 'Where each job stands: scheduled, queued, sending, waiting, held, or its outcome. An application sees its own tenant''s jobs.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.calling_code(text), outrider.is_fed(text, integer) to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant execute on function
    outrider.create_campaign(text, text, text, text, text, text, text, jsonb, text, text, text, timestamptz, timestamptz, text, text),
    outrider.load_campaign(text, text, text), outrider.begin_load(text, text, text, text),
    outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]),
    outrider.end_load(integer, uuid, text), outrider.start_campaign(text, text, text), outrider.cancel_campaign(text, text, text),
    outrider.retry_campaign(text, text[], text, text),
    outrider.campaign_report(text, text), outrider.campaign_people(text, bigint, integer, text), outrider.campaign_plan(text, text),
    outrider.preview_people(text, text[], text[], text[], text[], text[], text[], text)
    to outrider_app, outrider_operator;
grant execute on function outrider.check_audience(text, boolean) to outrider_app, outrider_worker, outrider_operator;
grant execute on function outrider.check_campaign_counts(text, text), outrider.recount_campaign(text, text) to outrider_operator;
grant execute on function outrider.campaigns_to_tend(), outrider.feed_campaign(integer, integer, integer, integer),
    outrider.sweep_campaign(integer, integer), outrider.fold_campaign_counts(integer), outrider.finish_campaigns(), outrider.forget_members(integer), outrider.claim_load(),
    outrider.add_people(integer, uuid, bigint[], text[], text[], text[], text[], text[], text[], bigint[], text[]),
    outrider.beat_load(integer, uuid), outrider.end_load(integer, uuid, text), outrider.put_off_load(integer, uuid, double precision, text),
    outrider.retry_part(integer, uuid, integer) to outrider_worker;
grant select on outrider.campaign_status, outrider.campaign_totals, outrider.campaign_history, outrider.campaign_pace to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.campaign_definitions, outrider.campaign_events, outrider.campaign_ranges, outrider.campaign_chunks, outrider.campaign_feeds,
    outrider.campaign_counts, outrider.campaign_deltas, outrider.campaign_minutes, outrider.campaign_loads, outrider.campaign_refusals,
    outrider.campaign_members
    to outrider_worker, outrider_operator;
grant select on outrider.campaign_chunks to outrider_gateway;
grant insert on outrider.campaign_deltas to outrider_worker;
grant usage on all sequences in schema outrider to outrider_worker, outrider_operator;
