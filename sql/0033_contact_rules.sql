-- When and where a message may go: quiet hours, the countries that are allowed, and prefixes that are blocked.
--
-- These are few rows. Workers keep them as one value and look at its version with each look for work, so a job costs PostgreSQL nothing.
-- No table that is busy is locked.

set local lock_timeout = '5s';

create table outrider.contact_settings (
    is_one   boolean primary key default true,
    anywhere boolean not null default false,
    version  bigint not null default 1,
    constraint contact_settings_are_one_row check (is_one)
);
comment on table outrider.contact_settings is 'One row: whether messages may go to any country, and a number that grows with each change of the rules of contact.';
comment on column outrider.contact_settings.anywhere is 'True: every country is allowed, whatever outrider.allowed_countries says.';

create table outrider.quiet_hours (
    name         text primary key,
    jurisdiction text not null,
    days         integer[] not null default '{1,2,3,4,5,6,7}',
    begins       time not null,
    ends         time not null,
    category     text not null default 'marketing',
    source       text not null default '',
    note         text not null default '',
    constraint quiet_hours_name_must_be_1_to_63_plain_characters check (name collate "C" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    constraint quiet_hours_jurisdiction_must_be_a_country_a_state_or_all
        check (jurisdiction collate "C" ~ '^([*]|[A-Z]{2}(-[A-Z0-9]{1,3})?)$'),
    constraint quiet_hours_need_a_day check (days <> '{}'),
    constraint quiet_hours_days_must_be_1_to_7 check (days <@ '{1,2,3,4,5,6,7}'::integer[] and array_position(days, null) is null),
    constraint quiet_hours_must_begin_and_end_at_other_times check (begins <> ends),
    constraint quiet_hours_must_be_whole_minutes check (extract(second from begins) = 0 and extract(second from ends) = 0),
    constraint quiet_hours_must_leave_some_time
        check (not (begins = '0:00' and ends = '24:00' and days @> '{1,2,3,4,5,6,7}'::integer[])),
    -- Who asked for a one-time password waits for it now.
    constraint quiet_hours_bind_alert_transactional_or_marketing check (category in ('alert', 'transactional', 'marketing'))
);
comment on table outrider.quiet_hours is 'Hours in which no text, call or WhatsApp message of a category begins, by the clock where the person lives. They put off, and drop nothing.';
comment on column outrider.quiet_hours.jurisdiction is 'Whom they bind: * for everybody, a country such as US, or a state such as US-FL.';
comment on column outrider.quiet_hours.days is 'ISO weekdays on which they begin: 1 is Monday.';
comment on column outrider.quiet_hours.ends is 'At or before begins: on the next day. The end of a day is 24:00.';

create table outrider.allowed_countries (
    tenant     text not null default '',
    country    text not null,
    categories text[] not null default '{otp,alert,transactional,marketing}',
    primary key (tenant, country),
    constraint allowed_country_must_be_a_calling_code_or_two_letters check (country collate "C" ~ '^([1-9][0-9]{0,2}|[A-Z]{2})$'),
    constraint allowed_country_needs_a_known_category
        check (categories <> '{}' and categories <@ '{otp,alert,transactional,marketing}'::text[] and array_position(categories, null) is null)
);
comment on table outrider.allowed_countries is 'To which countries texts, calls and WhatsApp messages of which categories may go.';
comment on column outrider.allowed_countries.tenant is 'Empty: for every tenant.';
comment on column outrider.allowed_countries.country is 'A calling code such as 48, or a country such as PL. 1 is North America and the Caribbean; US is the United States alone.';

create table outrider.blocked_prefixes (
    prefix text primary key,
    reason text not null,
    source text not null default '',
    constraint blocked_prefix_must_be_1_to_15_digits check (prefix collate "C" ~ '^[1-9][0-9]{0,14}$'),
    constraint blocked_prefix_needs_a_reason check (btrim(reason) <> '')
);
comment on table outrider.blocked_prefixes is 'Numbers that begin so get no text, call or WhatsApp message, whatever its category.';
comment on column outrider.blocked_prefixes.prefix is 'Digits, the calling code first, without a plus.';

create table outrider.number_places (
    prefix  text primary key,
    country text,
    state   text,
    zones   text[] not null,
    constraint place_prefix_must_be_1_to_15_digits check (prefix collate "C" ~ '^[1-9][0-9]{0,14}$'),
    constraint place_country_must_be_two_capital_letters check (country collate "C" ~ '^[A-Z]{2}$'),
    constraint place_state_must_be_1_to_3_capital_letters_or_digits check (state is null or state collate "C" ~ '^[A-Z0-9]{1,3}$' and country is not null)
);
comment on table outrider.number_places is 'Where a number is, by the longest prefix that it has here.';
comment on column outrider.number_places.country is 'Null: in no country.';
comment on column outrider.number_places.zones is 'Every time zone in which it may be.';

create table outrider.contact_rule_events (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    login   text not null default session_user,
    person  text default outrider.acting_person(),
    what    text not null,
    subject text not null,
    reason  text,
    detail  jsonb not null default '{}'
);
comment on table outrider.contact_rule_events is 'Who changed which rule of contact, when and why. Only ever added.';
comment on column outrider.contact_rule_events.person is 'For whom the login acted, as the operator page knows the person; null where the login says it all.';

-- ---------------------------------------------------------------------------------------------------------------
-- The version grows with every change, by whatever door, and in the same commit.

create function outrider.count_contact_change() returns trigger language plpgsql as $$
begin
    new.version := old.version + 1;
    return new;
end $$;
comment on function outrider.count_contact_change() is 'Gives the rules of contact their next version.';
create trigger contact_settings_count before update on outrider.contact_settings
    for each row execute function outrider.count_contact_change();

create function outrider.note_contact_change() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update contact_settings set version = version;
    return null;
end $$;
comment on function outrider.note_contact_change() is 'Tells workers that a rule of contact is another.';

create trigger quiet_hours_are_read_again after insert or update or delete or truncate on outrider.quiet_hours
    for each statement execute function outrider.note_contact_change();
create trigger allowed_countries_are_read_again after insert or update or delete or truncate on outrider.allowed_countries
    for each statement execute function outrider.note_contact_change();
create trigger blocked_prefixes_are_read_again after insert or update or delete or truncate on outrider.blocked_prefixes
    for each statement execute function outrider.note_contact_change();
create trigger number_places_are_read_again after insert or update or delete or truncate on outrider.number_places
    for each statement execute function outrider.note_contact_change();

-- ---------------------------------------------------------------------------------------------------------------
-- How rows come back from a dump of the rows alone: into a database where the migrations put theirs.

create function outrider.take_restored_rule() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    case tg_table_name
    when 'contact_settings' then
        update contact_settings s set anywhere = new.anywhere;
    when 'quiet_hours' then
        if exists (select from quiet_hours q where q.name = new.name and q is not distinct from new) then return null; end if;
        update quiet_hours q
           set (jurisdiction, days, begins, ends, category, source, note)
             = (new.jurisdiction, new.days, new.begins, new.ends, new.category, new.source, new.note)
         where q.name = new.name;
    when 'blocked_prefixes' then
        if exists (select from blocked_prefixes b where b.prefix = new.prefix and b is not distinct from new) then return null; end if;
        update blocked_prefixes b set (reason, source) = (new.reason, new.source) where b.prefix = new.prefix;
    when 'number_places' then
        if exists (select from number_places p where p.prefix = new.prefix and p is not distinct from new) then return null; end if;
        update number_places p set (country, state, zones) = (new.country, new.state, new.zones) where p.prefix = new.prefix;
    end case;
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_rule() is 'Lets a rule that is there already come in again, such as from a dump of the rows alone: what comes in counts.';

do $$
declare
    seeded text;
begin
    foreach seeded in array array['contact_settings', 'quiet_hours', 'blocked_prefixes', 'number_places'] loop
        -- Also for rows that replication brings; its name comes before those of the other triggers.
        execute format('create trigger a_restored_row before insert on outrider.%I for each row execute function outrider.take_restored_rule()', seeded);
        execute format('alter table outrider.%I enable always trigger a_restored_row', seeded);
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- What operators change.

create function outrider.note_contact_rule(what text, subject text, reason text, detail jsonb default '{}') returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    insert into contact_rule_events (what, subject, reason, detail) values (what, subject, left(reason, 1000), detail)
$$;
comment on function outrider.note_contact_rule(text, text, text, jsonb) is 'Keeps who changed which rule of contact.';

create function outrider.set_quiet_hours(
    name text, jurisdiction text, begins time, ends time, category text default 'marketing', days integer[] default '{1,2,3,4,5,6,7}',
    source text default '', note text default '', reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    place constant text := upper(set_quiet_hours.jurisdiction);
begin
    insert into quiet_hours as q (name, jurisdiction, days, begins, ends, category, source, note)
    values (set_quiet_hours.name, place, set_quiet_hours.days, set_quiet_hours.begins, set_quiet_hours.ends, set_quiet_hours.category,
            coalesce(set_quiet_hours.source, ''), coalesce(set_quiet_hours.note, ''))
    on conflict on constraint quiet_hours_pkey do update
       set jurisdiction = excluded.jurisdiction, days = excluded.days, begins = excluded.begins, ends = excluded.ends,
           category = excluded.category, source = excluded.source, note = excluded.note;
    if place <> '*' and not exists (select from number_places p where place in (p.country, p.country || '-' || p.state)) then
        raise exception 'quiet_hours_must_cover_a_number: no number is in %', place using errcode = 'check_violation',
            constraint = 'quiet_hours_must_cover_a_number', hint = 'Write a country as PL, a state of the United States as US-FL, and everybody as *.';
    end if;
    perform outrider.note_contact_rule('quiet hours set', set_quiet_hours.name, set_quiet_hours.reason, jsonb_build_object(
        'jurisdiction', place, 'begins', set_quiet_hours.begins, 'ends', set_quiet_hours.ends, 'category', set_quiet_hours.category,
        'days', set_quiet_hours.days));
    return format('no %s message by phone from %s to %s in %s', set_quiet_hours.category, to_char(set_quiet_hours.begins, 'HH24:MI'),
                  to_char(set_quiet_hours.ends, 'HH24:MI'), case place when '*' then 'any country' else place end);
end $$;
comment on function outrider.set_quiet_hours(text, text, time, time, text, integer[], text, text, text) is
    'Sets hours in which nothing of a category goes out by phone, under a name. The same name again changes them. In force within 2 s.';

create function outrider.lift_quiet_hours(name text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    delete from quiet_hours q where q.name = lift_quiet_hours.name;
    if not found then
        raise exception 'quiet_hours_must_exist: there are no quiet hours "%"', lift_quiet_hours.name using errcode = 'no_data_found',
            constraint = 'quiet_hours_must_exist', hint = 'Their names stand in outrider.quiet_hours.';
    end if;
    perform outrider.note_contact_rule('quiet hours lifted', lift_quiet_hours.name, lift_quiet_hours.reason);
    return 'lifted; what they put off still waits until then';
end $$;
comment on function outrider.lift_quiet_hours(text, text) is 'Takes quiet hours away. What they put off waits until the time it was given.';

create function outrider.country_code(given text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    code constant text := upper(ltrim(btrim(given), '+'));
begin
    if not exists (select from number_places p where code = p.country)
       and not exists (select from number_places p where code = p.prefix and length(p.prefix) <= 3 and p.country is not null) then
        raise exception 'country_must_be_known: no number is in "%"', given using errcode = 'check_violation',
            constraint = 'country_must_be_known', hint = 'Write a calling code such as 48, or a country such as PL.';
    end if;
    return code;
end $$;
comment on function outrider.country_code(text) is 'A calling code or a country as outrider.allowed_countries has it; refuses one where no number is.';

create function outrider.allow_country(
    country text, categories text[] default '{otp,alert,transactional,marketing}', tenant text default '', reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    code constant text := outrider.country_code(allow_country.country);
    own constant text := coalesce(allow_country.tenant, '');
begin
    insert into allowed_countries as a (tenant, country, categories) values (own, code, allow_country.categories)
    on conflict on constraint allowed_countries_pkey do update set categories = excluded.categories;
    perform outrider.note_contact_rule('country allowed', code, allow_country.reason, jsonb_build_object('tenant', own, 'categories', allow_country.categories));
    return format('%s is allowed%s for %s', code, case own when '' then '' else ' to ' || own end, array_to_string(allow_country.categories, ', '));
end $$;
comment on function outrider.allow_country(text, text[], text, text) is
    'Lets texts, calls and WhatsApp messages of these categories go to a country: for every tenant, or for one. In force within 2 s.';

create function outrider.disallow_country(country text, tenant text default '', reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    code constant text := upper(ltrim(btrim(disallow_country.country), '+'));
    own constant text := coalesce(disallow_country.tenant, '');
begin
    delete from allowed_countries a where a.tenant = own and a.country = code;
    if not found then
        raise exception 'allowed_country_must_exist: "%" is not in the list', disallow_country.country using errcode = 'no_data_found',
            constraint = 'allowed_country_must_exist', hint = 'The list is outrider.allowed_countries. An entry for one tenant is taken away with tenant => its name.';
    end if;
    perform outrider.note_contact_rule('country no longer allowed', code, disallow_country.reason, jsonb_build_object('tenant', own));
    return format('%s is no longer allowed%s', code, case own when '' then '' else ' to ' || own end);
end $$;
comment on function outrider.disallow_country(text, text, text) is 'Takes a country from the list of those that are allowed. In force within 2 s.';

create function outrider.set_anywhere(anywhere boolean, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if set_anywhere.anywhere is null then
        raise exception 'anywhere_must_be_true_or_false: it is null' using errcode = 'check_violation', constraint = 'anywhere_must_be_true_or_false',
            hint = 'true: messages may go to every country. false: to those of outrider.allowed_countries.';
    end if;
    update contact_settings s set anywhere = set_anywhere.anywhere;
    perform outrider.note_contact_rule(case when set_anywhere.anywhere then 'every country allowed' else 'only listed countries allowed' end, '*', set_anywhere.reason);
    return case when set_anywhere.anywhere then 'messages may go to every country' else 'messages may go to the countries that are listed' end;
end $$;
comment on function outrider.set_anywhere(boolean, text) is 'Says whether messages may go to every country, or to those of outrider.allowed_countries alone. In force within 2 s.';

create function outrider.block_prefix(prefix text, reason text, source text default 'an operator') returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    digits constant text := regexp_replace(block_prefix.prefix, '[+ ()-]', '', 'g');
begin
    insert into blocked_prefixes as b (prefix, reason, source) values (digits, coalesce(block_prefix.reason, ''), coalesce(block_prefix.source, ''))
    on conflict on constraint blocked_prefixes_pkey do update set reason = excluded.reason, source = excluded.source;
    perform outrider.note_contact_rule('prefix blocked', digits, block_prefix.reason);
    return format('nothing goes by phone to numbers that begin with +%s', digits);
end $$;
comment on function outrider.block_prefix(text, text, text) is 'Lets no text, call or WhatsApp message go to numbers that begin so. In force within 2 s.';

create function outrider.unblock_prefix(prefix text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    digits constant text := regexp_replace(unblock_prefix.prefix, '[+ ()-]', '', 'g');
begin
    delete from blocked_prefixes b where b.prefix = digits;
    if not found then
        raise exception 'blocked_prefix_must_exist: "%" is not blocked as such', unblock_prefix.prefix using errcode = 'no_data_found',
            constraint = 'blocked_prefix_must_exist', hint = 'A longer or a shorter one may be: see outrider.blocked_prefixes.';
    end if;
    perform outrider.note_contact_rule('prefix no longer blocked', digits, unblock_prefix.reason);
    return format('+%s is no longer blocked', digits);
end $$;
comment on function outrider.unblock_prefix(text, text) is 'Takes a prefix from those that are blocked. In force within 2 s.';

create function outrider.country_entries() returns setof outrider.allowed_countries
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select * from allowed_countries a
     where a.tenant in ('', (select outrider.current_tenant())) or (select outrider.is_staff())
$$;
comment on function outrider.country_entries() is 'The countries that are allowed, so far as they concern this login: an application sees what is for all tenants, and its own.';

create function outrider.doubtful_contact_rules() returns table (what text, subject text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select 'anywhere', '' from contact_settings s where s.anywhere
    union all
    select 'nowhere', '' from contact_settings s where not s.anywhere and not exists (select from allowed_countries)
    union all
    select 'quiet hours', q.name from quiet_hours q
     where q.jurisdiction <> '*' and not exists (select from number_places p where q.jurisdiction in (p.country, p.country || '-' || p.state))
    union all
    select 'country', a.country from allowed_countries a
     where not exists (select from number_places p where a.country in (p.country, p.prefix))
    union all
    select 'zone', z.name from (select distinct unnest(p.zones) as name from number_places p) z
     where z.name not in (select n.name from pg_timezone_names n)
    order by 1, 2
$$;
comment on function outrider.doubtful_contact_rules() is 'Rules of contact that cover no number, zones that this server does not know, and whether every country or none is allowed: for outrider doctor.';

-- ---------------------------------------------------------------------------------------------------------------
-- What there is from the beginning. An installation that already sends goes on sending everywhere, until an operator says otherwise.

insert into outrider.contact_settings (anywhere) select exists (select from outrider.jobs);

insert into outrider.quiet_hours (name, jurisdiction, begins, ends, source, note) values
    ('us-federal', 'US', '21:00', '8:00', '47 CFR 64.1200(c)(1)', 'check with counsel'),
    ('us-connecticut', 'US-CT', '20:00', '9:00', 'Conn. Gen. Stat. 42-288a (Public Act 23-98)', 'check with counsel'),
    ('us-florida', 'US-FL', '20:00', '8:00', 'Fla. Stat. 501.616(6) (SB 1120)', 'check with counsel'),
    ('us-maryland', 'US-MD', '20:00', '8:00', 'Md. Stop the Spam Calls Act of 2023', 'check with counsel'),
    ('us-oklahoma', 'US-OK', '20:00', '8:00', 'Okla. Telephone Solicitation Act of 2022 (HB 3168)', 'check with counsel'),
    ('us-texas', 'US-TX', '21:00', '9:00', 'Tex. SB 140 of 2025', 'check with counsel'),
    ('us-washington', 'US-WA', '20:00', '8:00', 'RCW 19.158.040 and 80.36.390 (HB 1497)', 'check with counsel');
insert into outrider.quiet_hours (name, jurisdiction, days, begins, ends, source, note) values
    ('us-texas-sunday', 'US-TX', '{7}', '0:00', '12:00', 'Tex. SB 140 of 2025', 'check with counsel');

insert into outrider.blocked_prefixes (prefix, reason, source) values
    ('882', 'international networks: no country, priced like premium numbers', 'ITU-T E.164'),
    ('883', 'international networks: no country, priced like premium numbers', 'ITU-T E.164'),
    ('979', 'international premium rate', 'ITU-T E.164'),
    ('1900', 'premium rate in North America', 'NANPA');

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on function outrider.count_contact_change(), outrider.note_contact_change(), outrider.take_restored_rule(), outrider.note_contact_rule(text, text, text, jsonb),
    outrider.set_quiet_hours(text, text, time, time, text, integer[], text, text, text), outrider.lift_quiet_hours(text, text),
    outrider.country_code(text), outrider.allow_country(text, text[], text, text), outrider.disallow_country(text, text, text),
    outrider.set_anywhere(boolean, text), outrider.block_prefix(text, text, text), outrider.unblock_prefix(text, text),
    outrider.country_entries(), outrider.doubtful_contact_rules() from public;
grant execute on function outrider.set_quiet_hours(text, text, time, time, text, integer[], text, text, text), outrider.lift_quiet_hours(text, text),
    outrider.allow_country(text, text[], text, text), outrider.disallow_country(text, text, text), outrider.set_anywhere(boolean, text),
    outrider.block_prefix(text, text, text), outrider.unblock_prefix(text, text) to outrider_operator;
grant execute on function outrider.doubtful_contact_rules() to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.country_entries() to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.contact_settings, outrider.quiet_hours, outrider.blocked_prefixes, outrider.number_places
    to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.allowed_countries to outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.contact_rule_events to outrider_operator;
