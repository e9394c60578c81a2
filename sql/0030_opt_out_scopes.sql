-- An opt-out binds exactly what it should: the tenant whose number it was sent to, and the messages it was about.
--
-- Of busy tables only `suppressions` is locked, and at the end: an index is built while it is read, and then swapped.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- Whom a number speaks for.

create function outrider.tenants_of_number(number text) returns text[]
    language sql stable parallel safe as $$
    -- A sender without a tenant serves every tenant that has no sender of its own. An unknown number may be anybody's.
    select case when count(*) = count(s.tenant) and count(*) > 0 then array_agg(distinct s.tenant order by s.tenant) else array[''] end
      from outrider.senders s where outrider.one_spelling(s.address) = outrider.one_spelling(number)
$$;
comment on function outrider.tenants_of_number(text) is
    'Which tenants what a person says to this number of ours binds: those whose senders have it. One empty name is every tenant: of a sender without a tenant, and of a number that no sender has.';

create function outrider.tenants_of_sender(sender integer) returns text[]
    language sql stable parallel safe as $$
    select coalesce((select outrider.tenants_of_number(s.address) from outrider.senders s where s.id = sender), array[''])
$$;
comment on function outrider.tenants_of_sender(integer) is 'Which tenants a provider''s word binds that it says of a message of this sender. One empty name is every tenant.';

create function outrider.tenant_of_number(number text) returns text
    language sql stable parallel safe as $$
    select case when cardinality(t) = 1 then t[1] else '' end from outrider.tenants_of_number(number) t
$$;
comment on function outrider.tenant_of_number(text) is 'The one tenant whose number it is; empty for a number that tenants share, and for an unknown one.';

create function outrider.tenants_of_word(tenant text, number text) returns text[]
    language sql stable parallel safe as $$
    select case when tenant <> '' then array[tenant] else outrider.tenants_of_number(number) end
$$;
comment on function outrider.tenants_of_word(text, text) is 'Which tenants an inbound message binds: the one that was written down with it, else those whose number it is now.';

create function outrider.words_by_tenant(person text)
    returns table (provider_id text, tenant text, channel text, to_address text, keyword text, at timestamptz, is_exact boolean)
    language sql stable parallel safe as $$
    select i.provider_id, t.tenant, i.channel, i.to_address, i.keyword, coalesce(i.sent_at, i.received_at), i.sent_at is not null
      from outrider.inbound_messages i cross join unnest(outrider.tenants_of_word(i.tenant, i.to_address)) as t (tenant)
     where i.from_address = person and i.keyword in ('stop', 'start') offset 0
$$;
comment on function outrider.words_by_tenant(text) is
    'Each STOP and START of one person, once for each tenant that it binds, with its time: exact once a provider''s list has shown it.';
comment on function outrider.words_of(text) is 'As words_by_tenant, without tenants: what gateways of an earlier release ask.';

-- ---------------------------------------------------------------------------------------------------------------
-- What a STOP stops.

create table outrider.opt_out_scopes (
    tenant       text not null,
    effective_at timestamptz not null,
    scope        text not null,
    login        text not null default session_user,
    person       text,
    at           timestamptz not null default clock_timestamp(),
    primary key (tenant, effective_at),
    constraint opt_out_scope_must_be_program_or_everything check (scope in ('program', 'everything'))
);
comment on table outrider.opt_out_scopes is
    'Whether a STOP stops everything, or the program: marketing and transactional messages, never one-time passwords and alerts. Without a row it is everything.';
comment on column outrider.opt_out_scopes.tenant is 'Whose numbers; empty for numbers that every tenant shares, and for each tenant without a row of its own.';
comment on column outrider.opt_out_scopes.effective_at is 'For words that are written from then on.';
comment on column outrider.opt_out_scopes.person is 'For whom the login acted, as the operator page knows the person.';

create function outrider.stop_categories(for_tenant text, at timestamptz) returns text[]
    language sql stable parallel safe as $$
    select case (select s.scope from outrider.opt_out_scopes s
                  where s.tenant in ('', for_tenant) and s.effective_at <= stop_categories.at
                  order by s.tenant desc, s.effective_at desc limit 1)
           when 'program' then array['marketing', 'transactional'] else array[''] end
$$;
comment on function outrider.stop_categories(text, timestamptz) is 'Which categories a STOP of this time stops. One empty name is every category.';

create function outrider.set_opt_out_scope(tenant text, scope text, effective_at timestamptz default clock_timestamp()) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- What was written before was heard as it was set then.
    if set_opt_out_scope.effective_at < clock_timestamp() - interval '1 minute' then
        raise exception 'effective_at_must_not_be_in_the_past' using errcode = 'invalid_parameter_value',
            constraint = 'effective_at_must_not_be_in_the_past', hint = 'Leave it out: then it counts from now on.';
    end if;
    insert into opt_out_scopes as o (tenant, effective_at, scope, person)
    values (coalesce(set_opt_out_scope.tenant, ''), coalesce(set_opt_out_scope.effective_at, clock_timestamp()), set_opt_out_scope.scope, outrider.acting_person())
    on conflict on constraint opt_out_scopes_pkey
    do update set scope = excluded.scope, login = excluded.login, person = excluded.person, at = excluded.at;
end $$;
comment on function outrider.set_opt_out_scope(text, text, timestamptz) is
    'Says what a STOP to a tenant''s numbers stops from then on: everything, or the program. An empty tenant is every tenant without a setting of its own.';

-- ---------------------------------------------------------------------------------------------------------------
-- What looks at suppressions.

create or replace function outrider.job_facts(
    for_job bigint, for_generation integer, for_step smallint, for_ladder integer, for_reason text, lane_sender integer,
    known_ladders integer[])
    returns table (
        tenant text, category text, priority integer, channel text, address text, locale text, time_zone text,
        wait_seconds integer, expires_us bigint, created_us bigint, data text, media_urls text[],
        is_template boolean, body text, subject text, html text, content_sid text, content_variables text[], dynamic_template text,
        sender_id integer, sender_address text, sender_display_name text, is_sender_enabled boolean,
        is_ended boolean, is_begun boolean, is_suppressed boolean, is_window_open boolean, ladder text, history text)
    language sql stable as $$
    -- `created_us` is when the job became due for the first time.
    -- No search_path and one select, so that PostgreSQL puts it into the statement that calls it.
    select j.tenant, j.category, outrider.job_priority(j.category, j.priority), c.channel, c.address, j.locale, j.time_zone,
           j.wait_seconds, (extract(epoch from j.expires_at) * 1000000)::bigint, (extract(epoch from greatest(j.run_at, j.created_at)) * 1000000)::bigint,
           j.data::text, j.media_urls, t.id is not null, coalesce(t.body, j.body), coalesce(t.subject, j.subject), t.html,
           t.content_sid, coalesce(t.content_variables, '{}'), t.dynamic_template,
           i.id, i.address, i.display_name, i.enabled,
           exists (select from outrider.events o  -- `kind || ''` hides the predicate of an index that stale statistics walk whole.
                    where o.job_id = for_job and o.generation = 0 and o.kind || '' = 'outcome' offset 0),
           exists (select from outrider.events e
                    where e.job_id = for_job and e.generation = for_generation and e.kind = 'intent' offset 0),
           exists (select from outrider.suppressions p
                    where p.address = outrider.one_spelling(c.address) and p.channel = c.channel and p.tenant in ('', j.tenant)
                      and p.category in ('', j.category) and p.lifted_at is null offset 0),
           exists (select from outrider.whatsapp_windows w
                    where c.channel = 'whatsapp' and w.address = outrider.one_spelling(c.address) and w.sender_address = i.address
                      and outrider.window_is_open(w.last_inbound_at, statement_timestamp())),
           case when for_ladder <> all (known_ladders) then (
                select json_agg(json_build_array(l.channel, l.wait_seconds, l.success, l.max_attempts, l.on_unknown)
                                order by l.position)::text
                  from outrider.ladder_steps l where l.ladder_id = for_ladder) end,
           case when for_generation > 1 or for_reason <> 'dispatch' then (
                -- Lists, not objects, and not jsonb: a quarter of the time. The worker knows the places; add at the end only.
                select json_agg(json_build_array(
                            e.generation, e.kind, e.status, (extract(epoch from e.at) * 1000000)::bigint, e.step, e.code,
                            e.class, e.level, e.provider_id, e.token, e.detail))::text
                  from outrider.events e where e.job_id = for_job) end
      from (select * from outrider.jobs where id = for_job offset 0) j
      left join outrider.ladder_steps s on s.ladder_id = for_ladder and s.position = for_step
     cross join lateral (
           select coalesce(s.channel, j.channel) as channel,
                  case coalesce(s.channel, j.channel) when 'email' then coalesce(j.address, j.email)  -- as it was written
                       else coalesce(j.address, j.phone) end as address offset 0) c
      left join lateral (
           select * from outrider.senders
            where id = case when for_reason in ('dispatch', 'resume') then lane_sender
                            else (select e.sender_id from outrider.events e
                                   where e.job_id = for_job and e.generation = for_generation and e.kind = 'intent'
                                     and e.status = 'taken') end offset 0) i on true
      left join lateral (
           select * from outrider.templates m
            where m.name = j.template and m.channel = c.channel and m.tenant in ('', j.tenant)
              and m.locale in ('', split_part(j.locale, '-', 1), j.locale)
            order by m.tenant desc, length(m.locale) desc limit 1) t on true
$$;
create or replace function outrider.preview_people(
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
                    and s.category in ('', definition.category) and s.lifted_at is null),
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

-- ---------------------------------------------------------------------------------------------------------------
-- What operators do.

create function outrider.acting_name() returns text language sql stable as $$
    select coalesce(outrider.acting_person() || ', by ', '') || session_user
$$;
comment on function outrider.acting_name() is 'Who acts in this transaction: the login, and the person for whom it does.';

create function outrider.suppress(address text, channels text[], reason text, tenant text, category text default '') returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    possible text[] := case when strpos(suppress.address, '@') > 0 then '{email}' else outrider.phone_channels() end;
    added integer;
begin
    -- What is not written as jobs write it would match nothing, silently.
    if suppress.address is null or suppress.address !~ '^([+][1-9][0-9]{6,14}|[^@[:space:]]+@[^@[:space:]]+)$' collate "C" then
        raise exception 'address_must_be_e164_or_an_email_address' using
            errcode = 'invalid_parameter_value', hint = 'A number is written like +15005550006, without spaces.';
    end if;
    channels := coalesce(channels, possible);
    if not channels <@ possible then
        raise exception 'channels_must_fit_the_address: an e-mail address has email, a number sms, voice and whatsapp' using
            errcode = 'invalid_parameter_value', hint = 'Leave channels out to stop all that reach the address.';
    end if;
    insert into suppressions (tenant, address, channel, category, reason, source)
    select coalesce(suppress.tenant, ''), outrider.one_spelling(suppress.address), c, coalesce(suppress.category, ''),
           coalesce(nullif(btrim(suppress.reason), ''), 'operator'), 'operator ' || outrider.acting_name()
      from unnest(channels) c
    on conflict do nothing;
    get diagnostics added = row_count;
    return added;
end $$;
comment on function outrider.suppress(text, text[], text, text, text) is
    'Stops contact of a tenant, or of each when it is empty, with a number or an e-mail address, by messages of a category, or of each. Returns how many suppressions were new.';

create or replace function outrider.suppress(address text, channels text[] default null, reason text default 'operator') returns integer
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select outrider.suppress(address, channels, reason, '', '')
$$;

create function outrider.lift_suppression(address text, channels text[], reason text, tenant text default null, category text default null) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    lifted integer;
begin
    if coalesce(btrim(lift_suppression.reason), '') = '' then
        raise exception 'lift_needs_a_reason' using errcode = 'invalid_parameter_value', constraint = 'lift_needs_a_reason',
            hint = 'Say why the person may be contacted again, such as ''asked for it by phone, ticket 17''. It is kept.';
    end if;
    update suppressions s set lifted_at = clock_timestamp(), lifted_by = 'operator ' || outrider.acting_name(), lift_reason = left(btrim(lift_suppression.reason), 1000)
     where s.address = outrider.one_spelling(lift_suppression.address) and s.channel = any (coalesce(channels, outrider.phone_channels() || 'email'::text))
       and s.lifted_at is null and s.tenant = coalesce(lift_suppression.tenant, s.tenant) and s.category = coalesce(lift_suppression.category, s.category);
    get diagnostics lifted = row_count;
    return lifted;
end $$;
comment on function outrider.lift_suppression(text, text[], text, text, text) is
    'Allows contact again, and keeps who said so and why. Null channels, tenant and category are all of them; an empty tenant or category is what binds each. Returns how many suppressions were in force.';

create or replace function outrider.lift_suppression(address text, channels text[] default outrider.phone_channels() || 'email'::text) returns integer
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select outrider.lift_suppression(address, channels, 'not said', null, null)
$$;
comment on function outrider.lift_suppression(text, text[]) is
    'As lift_suppression(address, channels, reason), for all tenants and categories, with the reason "not said". Better give the reason: it is the evidence.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
revoke all on outrider.opt_out_scopes from public;
grant select on outrider.opt_out_scopes to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.tenants_of_number(text), outrider.tenant_of_number(text), outrider.tenants_of_word(text, text),
    outrider.tenants_of_sender(integer), outrider.words_by_tenant(text), outrider.stop_categories(text, timestamptz) to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.set_opt_out_scope(text, text, timestamptz), outrider.acting_name(),
    outrider.suppress(text, text[], text, text, text), outrider.lift_suppression(text, text[], text, text, text) to outrider_operator;

-- ---------------------------------------------------------------------------------------------------------------
-- One suppression for each reason, tenant and category.

alter table outrider.suppressions validate constraint suppression_category_must_be_empty_or_a_category_of_jobs;
create unique index suppressions_in_force_by_category on outrider.suppressions (address, channel, tenant, reason, category) where lifted_at is null;
drop index outrider.suppressions_in_force;
alter index outrider.suppressions_in_force_by_category rename to suppressions_in_force;
