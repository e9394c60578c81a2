-- How often, and for how much money: caps per address, identity, IP address, block of numbers, country and tenant.
--
-- A cap counts what began within a span that ends now. Takes count under a lock of the subject where the cap is enforced, so no two
-- workers take the last room. What is counted is rows that are only added, under a hash: no address is kept here.

set local lock_timeout = '5s';

create table outrider.caps (
    id           smallint generated always as identity primary key,
    name         text not null,
    subject      text not null,
    open_digits  smallint not null default 3,
    category     text,
    channel      text,
    tenant       text,
    most         integer,
    money        numeric,
    currency     text,
    span_seconds integer not null,
    excess       text not null default 'skip',
    mode         text not null default 'record_only',
    note         text not null default '',
    constraint cap_names_are_unique unique (name),
    constraint cap_name_must_be_1_to_63_plain_characters check (name collate "C" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    constraint cap_subject_must_be_address_identity_ip_prefix_country_tenant
        check (subject in ('address', 'identity', 'ip', 'prefix', 'country', 'tenant')),
    constraint cap_open_digits_must_be_1_to_6 check (open_digits between 1 and 6),
    constraint cap_category_must_be_otp_alert_transactional_or_marketing
        check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint cap_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint cap_needs_messages_or_money check ((most is null) <> (money is null)),
    constraint cap_messages_must_be_1_to_10000_more_by_country_and_tenant
        check (most between 1 and case when subject in ('country', 'tenant') then 1000000000 else 10000 end),
    constraint cap_money_must_be_above_0_up_to_1000000000 check (money > 0 and money <= 1000000000),
    constraint cap_money_needs_a_currency check ((money is null) = (currency is null) and currency collate "C" ~ '^[A-Z]{3}$'),
    constraint cap_money_is_for_country_and_tenant check (money is null or subject in ('country', 'tenant')),
    constraint cap_span_must_be_1_second_to_31_days check (span_seconds between 1 and 2678400),
    constraint cap_excess_must_be_skip_or_defer check (excess in ('skip', 'defer')),
    constraint cap_mode_must_be_off_record_only_or_enforce check (mode in ('off', 'record_only', 'enforce'))
);
comment on table outrider.caps is 'At most so many messages, or so much money, in any span of time. Each tenant counts for itself.';
comment on column outrider.caps.subject is 'What is counted apart. identity and ip are keys of metadata; a message without the key is not counted.';
comment on column outrider.caps.open_digits is 'Of a prefix: how many digits at the end may differ. 3 makes blocks of 1,000 numbers.';
comment on column outrider.caps.tenant is 'Whom it binds; null is every tenant.';
comment on column outrider.caps.money is 'At the prices of outrider.prices; what has no price costs nothing.';
comment on column outrider.caps.excess is 'What becomes of a message for which there is no room: its step is skipped, or it waits (defer).';
comment on column outrider.caps.mode is 'off counts nothing. record_only keeps nothing back, and says in outrider.cap_hits what it would have kept back.';

create table outrider.cap_uses (
    cap_id smallint not null,
    key    bigint not null,
    slot   bigint not null,
    at     timestamptz not null,
    weight bigint not null,
    prefix text,
    primary key (cap_id, key, slot)
);
comment on table outrider.cap_uses is 'What counts under a cap: a row for each message, or for each minute where a cap counts by country or tenant.';
comment on column outrider.cap_uses.key is 'A hash of the subject.';
comment on column outrider.cap_uses.slot is 'The job, so that it counts once; or the minute, as a negative number.';
comment on column outrider.cap_uses.prefix is 'Of a cap by prefix: the number without the digits that may differ. The job''s address may be purged before it is judged.';
comment on column outrider.cap_uses.weight is 'Messages, or millionths of the currency.';

create index cap_uses_at on outrider.cap_uses (cap_id, at);

create table outrider.cap_locks (
    key bigint primary key,
    at  timestamptz not null default clock_timestamp()
);
comment on table outrider.cap_locks is 'What caps count by: who takes has the row locked until the commit. A row, and no advisory lock, which any login could hold. Kept for an hour.';

create table outrider.cap_hits (
    cap_id       smallint not null,
    job_id       bigint not null,
    at           timestamptz not null default clock_timestamp(),
    was_enforced boolean not null,
    primary key (cap_id, job_id)
);
comment on table outrider.cap_hits is 'Messages for which a cap had no room: kept back, or let go by a cap that only records. Kept for 14 days.';
create index cap_hits_at on outrider.cap_hits (at);

create trigger caps_are_read_again after insert or update or delete or truncate on outrider.caps
    for each statement execute function outrider.note_contact_change();

create function outrider.take_restored_cap() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if exists (select from caps c where c.name = new.name and c.id = new.id and c is not distinct from new) then return null; end if;
    delete from caps c where c.name = new.name;
    return new;
end $$;
comment on function outrider.take_restored_cap() is 'Lets a cap that is there already come in again, such as from a dump of the rows alone: what comes in counts.';

-- ---------------------------------------------------------------------------------------------------------------
-- Counting.

create function outrider.cap_room(
    cap_ids smallint[], job_ids bigint[], tenants text[], channels text[], addresses text[], costs integer[])
    returns table (claim integer, key bigint, weight bigint, is_counted boolean, used bigint, frees bigint[], now_us bigint)
    language plpgsql volatile set lock_timeout = '1s' as $$
declare
    keys bigint[];
    exact bigint[];
begin
    -- Null where a message lacks what the cap counts by.
    select array_agg(s.key order by s.n), array_agg(s.key) filter (where s.mode = 'enforce') into keys, exact
      from (select a.n, p.mode, hashtextextended(p.subject || '/' || a.tenant || '/' ||
                     case p.subject
                     when 'address' then outrider.one_spelling(a.address)
                     when 'prefix' then case when a.channel <> 'email' then left(a.address, -p.open_digits) end
                     when 'country' then case when a.channel <> 'email' then outrider.calling_code(a.address) end
                     when 'tenant' then ''
                     else (select nullif(j.metadata ->> p.subject, '') from outrider.jobs j where j.id = a.job_id) end, 0) as key
              from unnest(cap_ids, job_ids, tenants, channels, addresses) with ordinality as a (cap_id, job_id, tenant, channel, address, n)
              left join outrider.caps p on p.id = a.cap_id) s;
    -- Locks each row until the end of the transaction, and writes nothing where it is there; in one order, so that no two takes wait for
    -- each other. What follows is a statement of its own, so it sees what was counted by whoever had the lock before. A cap that only
    -- records need not be exact: it makes nobody wait for a worker that sleeps in the middle of its take.
    insert into outrider.cap_locks as l (key)
    select distinct k.key from unnest(exact) as k (key) where k.key is not null order by 1
    on conflict on constraint cap_locks_pkey do update set at = l.at where false;
    -- Claims of one subject are put together and taken apart again: a session without hash joins would compare each with each.
    return query
    select c.n, g.key, c.weight,
           g.counts_jobs and exists (select from outrider.cap_uses x where x.cap_id = g.id and x.key = g.key and x.slot = c.job_id offset 0),
           coalesce(u.used, 0)::bigint,
           coalesce(u.leaves[greatest(1, u.used - g.most + 1) : greatest(1, u.used - g.most + 1) + cardinality(g.ns)], '{}'),
           (extract(epoch from clock_timestamp()) * 1000000)::bigint
      from (select p.id, a.key, p.span_seconds as span, p.subject not in ('country', 'tenant') as counts_jobs, coalesce(p.most, 2147483647) as most,
                   array_agg(a.n::integer order by a.n) as ns, array_agg(a.job_id order by a.n) as jobs,
                   array_agg(case when p.money is null then 1
                                  else ceil(coalesce(outrider.price_of(a.channel, outrider.calling_code(a.address), p.currency, clock_timestamp()), 0)
                                            * 1000000 * case a.channel when 'sms' then a.cost else 1 end)::bigint end order by a.n) as weights
              from unnest(cap_ids, job_ids, keys, channels, addresses, costs) with ordinality as a (cap_id, job_id, key, channel, address, cost, n)
              join outrider.caps p on p.id = a.cap_id
             where a.key is not null group by p.id, a.key) g
      left join lateral (
           select sum(x.weight) as used,
                  array_agg((extract(epoch from x.at) * 1000000)::bigint + g.span * 1000000::bigint order by x.at) as leaves
             from outrider.cap_uses x
            where x.cap_id = g.id and x.key = g.key and x.at > clock_timestamp() - make_interval(secs => g.span)) u on true
     cross join lateral unnest(g.ns, g.jobs, g.weights) as c (n, job_id, weight);
end $$;
comment on function outrider.cap_room(smallint[], bigint[], text[], text[], text[], integer[]) is
    'Locks what enforced caps count these messages under until the end of the transaction, and says what was counted. A message that a cap does not count has no row.';

-- ---------------------------------------------------------------------------------------------------------------
-- What operators change.

create function outrider.cap_mode_words(mode text) returns text language sql immutable as $$
    select case cap_mode_words.mode when 'enforce' then 'what is over it is kept back' when 'off' then 'nothing is counted'
           else 'what is over it is noted only' end
$$;
comment on function outrider.cap_mode_words(text) is 'What a mode of a cap does, for a person.';

create function outrider.set_cap(
    name text, subject text, span interval, most integer default null, money numeric default null, currency text default null,
    category text default null, channel text default null, tenant text default null, excess text default 'skip',
    mode text default 'enforce', open_digits integer default 3, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    seconds constant integer := extract(epoch from set_cap.span)::integer;
begin
    insert into caps as c (name, subject, open_digits, category, channel, tenant, most, money, currency, span_seconds, excess, mode, note)
    values (set_cap.name, set_cap.subject, set_cap.open_digits, set_cap.category, set_cap.channel, set_cap.tenant, set_cap.most,
            set_cap.money, set_cap.currency, seconds, set_cap.excess, set_cap.mode, coalesce(set_cap.reason, ''))
    on conflict on constraint cap_names_are_unique do update
       set subject = excluded.subject, open_digits = excluded.open_digits, category = excluded.category, channel = excluded.channel,
           tenant = excluded.tenant, most = excluded.most, money = excluded.money, currency = excluded.currency,
           span_seconds = excluded.span_seconds, excess = excluded.excess, mode = excluded.mode, note = excluded.note;
    perform outrider.note_contact_rule('cap set', set_cap.name, set_cap.reason, jsonb_build_object(
        'subject', set_cap.subject, 'most', set_cap.most, 'money', set_cap.money, 'currency', set_cap.currency, 'span_seconds', seconds,
        'category', set_cap.category, 'channel', set_cap.channel, 'tenant', set_cap.tenant, 'excess', set_cap.excess, 'mode', set_cap.mode));
    return format('%s: at most %s per %s in %s; %s', set_cap.name,
                  coalesce(set_cap.most || ' messages', set_cap.money || ' ' || set_cap.currency), set_cap.subject, set_cap.span,
                  outrider.cap_mode_words(set_cap.mode));
end $$;
comment on function outrider.set_cap(text, text, interval, integer, numeric, text, text, text, text, text, text, integer, text) is
    'Sets how many messages, or how much money, may go out in any span, under a name. The same name again changes it. In force within 2 s.';

create function outrider.set_cap_mode(name text, mode text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update caps c set mode = set_cap_mode.mode where c.name = set_cap_mode.name;
    if not found then
        raise exception 'cap_must_exist: there is no cap "%"', set_cap_mode.name using errcode = 'no_data_found',
            constraint = 'cap_must_exist', hint = 'Their names stand in outrider.caps.';
    end if;
    perform outrider.note_contact_rule('cap mode set', set_cap_mode.name, set_cap_mode.reason, jsonb_build_object('mode', set_cap_mode.mode));
    return format('%s: %s', set_cap_mode.name, outrider.cap_mode_words(set_cap_mode.mode));
end $$;
comment on function outrider.set_cap_mode(text, text, text) is 'Lets a cap keep messages back (enforce), only note what it would keep back (record_only), or count nothing (off). In force within 2 s.';

create function outrider.drop_cap(name text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    delete from caps c where c.name = drop_cap.name;
    if not found then
        raise exception 'cap_must_exist: there is no cap "%"', drop_cap.name using errcode = 'no_data_found',
            constraint = 'cap_must_exist', hint = 'Their names stand in outrider.caps.';
    end if;
    perform outrider.note_contact_rule('cap dropped', drop_cap.name, drop_cap.reason);
    return 'dropped; what it put off still waits until then';
end $$;
comment on function outrider.drop_cap(text, text) is 'Takes a cap away. What it put off waits until the time it was given.';

create view outrider.cap_status as
select c.name, c.subject, c.category, c.channel, c.tenant, c.most, c.money, c.currency, make_interval(secs => c.span_seconds) as span,
       c.excess, c.mode, h.last_hour, h.last_day, c.note
  from outrider.caps c
 cross join lateral (
       select count(*) filter (where at > clock_timestamp() - interval '1 hour') as last_hour, count(*) as last_day
         from outrider.cap_hits where cap_id = c.id and at > clock_timestamp() - interval '1 day') h;
comment on view outrider.cap_status is 'Each cap, and for how many messages it had no room within the last hour and day.';

-- ---------------------------------------------------------------------------------------------------------------
-- What there is from the beginning. Two only record, and the others are off: an operator looks at outrider.cap_status, then says enforce.

insert into outrider.caps (name, subject, category, channel, most, span_seconds, mode, note) values
    ('otp-per-address-hour', 'address', 'otp', null, 10, 3600, 'record_only', 'a person asks for a few codes an hour, a thief for many'),
    ('otp-per-block-hour', 'prefix', 'otp', null, 100, 3600, 'record_only', 'codes to 1,000 numbers beside each other: SMS pumping walks through them'),
    ('otp-per-address-day', 'address', 'otp', null, 50, 86400, 'off', 'the same as by the hour, over a day'),
    ('otp-per-ip-minute', 'ip', 'otp', null, 60, 60, 'off', 'needs ip in metadata'),
    ('otp-per-identity-hour', 'identity', 'otp', null, 10, 3600, 'off', 'needs identity in metadata'),
    ('otp-sms-cool-down', 'address', 'otp', 'sms', 1, 30, 'off', 'another channel goes at once'),
    ('otp-voice-cool-down', 'address', 'otp', 'voice', 1, 60, 'off', 'another channel goes at once'),
    ('otp-whatsapp-cool-down', 'address', 'otp', 'whatsapp', 1, 30, 'off', 'another channel goes at once');

create trigger a_restored_row before insert on outrider.caps for each row execute function outrider.take_restored_cap();
alter table outrider.caps enable always trigger a_restored_row;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on function outrider.take_restored_cap(), outrider.cap_mode_words(text),
    outrider.cap_room(smallint[], bigint[], text[], text[], text[], integer[]),
    outrider.set_cap(text, text, interval, integer, numeric, text, text, text, text, text, text, integer, text),
    outrider.set_cap_mode(text, text, text), outrider.drop_cap(text, text) from public;
grant execute on function outrider.cap_room(smallint[], bigint[], text[], text[], text[], integer[]) to outrider_worker;
grant execute on function outrider.set_cap(text, text, interval, integer, numeric, text, text, text, text, text, text, integer, text),
    outrider.set_cap_mode(text, text, text), outrider.drop_cap(text, text) to outrider_operator;
grant select on outrider.caps to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select, insert, update, delete on outrider.cap_uses, outrider.cap_locks, outrider.cap_hits to outrider_worker;
grant select on outrider.cap_uses, outrider.cap_hits to outrider_gateway, outrider_operator;
grant select on outrider.cap_status to outrider_worker, outrider_gateway, outrider_operator;
