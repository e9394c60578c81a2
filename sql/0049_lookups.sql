-- What a provider's Lookup says of a number, before a message to it is paid for: the kind of its line, and how likely it pumps texts.
--
-- Nothing is looked up until an operator says for which category. While nobody does, a take reads one empty table, once. No table that
-- is busy is locked.

set local lock_timeout = '5s';

create table outrider.lookup_rules (
    category       text primary key,
    asks_line_type boolean not null,
    holds_over     integer,
    constraint lookup_category_must_be_a_category_of_jobs check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint lookup_must_ask_something check (asks_line_type or holds_over is not null),
    constraint lookup_holds_over_must_be_0_to_99 check (holds_over between 0 and 99)
);
comment on table outrider.lookup_rules is 'Of which categories numbers are looked up before a message is sent, and what for. A category without a row: none.';
comment on column outrider.lookup_rules.asks_line_type is 'Texts: whether the kind of the line is asked for. A line that takes no texts is not sent one.';
comment on column outrider.lookup_rules.holds_over is 'Texts and calls: a number whose risk, 0 to 100, is above it is not sent anything by phone. Null: it is not asked for.';

create trigger lookup_rules_are_read_again after insert or update or delete or truncate on outrider.lookup_rules
    for each statement execute function outrider.note_contact_change();

create table outrider.number_lookups (
    address      text not null,
    package      text not null,
    found        text,
    code         text,
    looked_up_at timestamptz not null default clock_timestamp(),
    good_until   timestamptz not null,
    primary key (address, package),
    constraint number_lookup_package_must_be_line_type_or_risk check (package in ('line_type', 'risk')),
    constraint number_lookup_has_a_finding_or_a_code check ((found is null) <> (code is null))
);
comment on table outrider.number_lookups is 'What was looked up of numbers, one row for each question that is paid for, for 90 days. It binds every tenant: it is a fact about the number.';
comment on column outrider.number_lookups.address is 'As outrider.one_spelling() has it.';
comment on column outrider.number_lookups.found is 'Of line_type the provider''s word, such as mobile or nonFixedVoip; of risk 0 to 100; invalid: there is no such number. Null: it told nothing.';
comment on column outrider.number_lookups.code is 'Why it told nothing: the provider''s code, or what became of the request. It is asked again after 10 minutes.';
create index number_lookups_by_end on outrider.number_lookups (good_until);

create function outrider.note_lookups(for_jobs bigint[], channels text[], packages text[], finds text[], codes text[]) returns bigint
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- In the order of their key, so that two commits never wait for each other in a circle.
    with given as (
        select distinct on (p.address, g.package) p.address, g.package, g.found, case when g.found is null then coalesce(g.code, 'nothing') end as code
          from unnest(for_jobs, channels, packages, finds, codes) as g (job_id, channel, package, found, code)
          -- A number that was erased meanwhile is not written down again.
         cross join lateral (select j.address, j.phone, j.email from jobs j where j.id = g.job_id offset 0) j
         cross join lateral (select outrider.one_spelling(outrider.address_on(g.channel, j.address, j.phone, j.email)) as address offset 0) p
         where p.address is not null
         order by p.address, g.package, g.found nulls last
    ), noted as (
        insert into number_lookups as a (address, package, found, code, good_until)
        select address, package, found, code,
               clock_timestamp() + case when found is null then interval '10 minutes' else interval '90 days' end
          from given order by address, package
        on conflict on constraint number_lookups_pkey do update
           set found = excluded.found, code = excluded.code, looked_up_at = excluded.looked_up_at, good_until = excluded.good_until
         -- No news takes nothing away.
         where excluded.found is not null or a.found is null or a.good_until < clock_timestamp()
        returning 1
    )
    select count(*) from noted
$$;
comment on function outrider.note_lookups(bigint[], text[], text[], text[], text[]) is
    'Keeps what was looked up of the numbers of these jobs on these channels: 90 days what was found, 10 minutes that nothing was.';

create function outrider.set_lookup(category text, line_type boolean, holds_over integer default null, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    asks constant boolean := coalesce(set_lookup.line_type, false);
begin
    if not asks and set_lookup.holds_over is null then
        delete from lookup_rules r where r.category = set_lookup.category;
        if not found then
            raise exception 'lookup_rule_must_exist: nothing is looked up for "%"', set_lookup.category
                using errcode = 'no_data_found', constraint = 'lookup_rule_must_exist',
                      hint = 'Say what to ask for: line_type => true, or holds_over => 75. What is asked stands in outrider.lookup_rules.';
        end if;
    else
        insert into lookup_rules as r (category, asks_line_type, holds_over) values (coalesce(set_lookup.category, ''), asks, set_lookup.holds_over)
        on conflict on constraint lookup_rules_pkey do update set asks_line_type = excluded.asks_line_type, holds_over = excluded.holds_over;
    end if;
    perform outrider.note_contact_rule('lookup set', set_lookup.category, set_lookup.reason,
                                       jsonb_build_object('line_type', asks, 'holds_over', set_lookup.holds_over));
    return case when not asks and set_lookup.holds_over is null then format('nothing is looked up for %s messages', set_lookup.category)
                else format('numbers are looked up for %s messages: %s', set_lookup.category, concat_ws(' and ',
                            case when asks then 'the kind of the line' end,
                            case when set_lookup.holds_over is not null then format('the risk, held over %s', set_lookup.holds_over) end)) end;
end $$;
comment on function outrider.set_lookup(text, boolean, integer, text) is
    'Looks numbers up before messages of a category: the kind of their line, their risk, or both; neither ends it. In force within 2 s.';

create function outrider.forget_lookup(address text, reason text default null) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    forgotten integer;
begin
    delete from number_lookups l where l.address = outrider.one_spelling(forget_lookup.address);
    get diagnostics forgotten = row_count;
    if forgotten > 0 then
        -- Never the number itself.
        perform outrider.note_contact_rule('lookup forgotten', outrider.address_shape(forget_lookup.address), forget_lookup.reason,
                                           jsonb_build_object('packages', forgotten));
    end if;
    return forgotten;
end $$;
comment on function outrider.forget_lookup(text, text) is 'Lets a number be looked up again before the next message. Returns how many answers were kept of it.';

create function outrider.lookup_status()
    returns table (category text, asks_line_type boolean, holds_over integer, unanswered bigint, code text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- By the index of the end: what told nothing ends within 10 minutes.
    select r.category, r.asks_line_type, r.holds_over, u.unanswered, u.code
      from lookup_rules r
     cross join (select count(*) as unanswered, mode() within group (order by l.code) as code from number_lookups l
                  where l.good_until between clock_timestamp() and clock_timestamp() + interval '10 minutes' and l.found is null) u
     order by array_position('{otp,alert,transactional,marketing}', r.category)
$$;
comment on function outrider.lookup_status() is 'What is looked up by category, and of how many numbers nothing was told within 10 minutes, with the code that was met most.';

-- ---------------------------------------------------------------------------------------------------------------
-- Erasure and access: the same functions as before, with one table more.

create or replace function outrider.held_elsewhere(address text) returns table (place text, fate text, count bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.asked_address(held_elsewhere.address);
begin
    return query
    select 'whatsapp_windows', 'purge', count(*) from whatsapp_windows w where w.address = known
    union all select 'dead_addresses', 'purge', count(*) from dead_addresses d where d.address = known
    union all select 'number_lookups', 'purge', count(*) from number_lookups l where l.address = known
    union all select 'open_calls', 'purge', count(*) from open_calls c where c.address = known
    union all select 'witnessed_messages', 'purge', count(*) from witnessed_messages m where outrider.one_spelling(m.address) = known
    union all select 'opt_out_wishes: text', 'purge', count(*) from opt_out_wishes w where w.address = known and w.text is not null
    union all select 'opt_out_wishes', 'keep', count(*) from opt_out_wishes w where w.address = known
    union all select 'suppressions', 'keep', count(*) from suppressions s where s.address = known
    union all select 'consents', 'keep', count(*) from consents c where c.address = known
    union all select 'schedules', 'change by hand', count(*) from schedules s where strpos(outrider.folded(s.definition::text), known) > 0;
end $$;

create or replace function outrider.forget_elsewhere(address text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.asked_address(forget_elsewhere.address);
begin
    delete from whatsapp_windows w where w.address = known;
    delete from dead_addresses d where d.address = known;
    delete from number_lookups l where l.address = known;
    delete from open_calls c where c.address = known;
    delete from witnessed_messages m where outrider.one_spelling(m.address) = known;
    update opt_out_wishes w set text = null where w.address = known and w.text is not null;
end $$;

create or replace function outrider.export_elsewhere(address text) returns table (place text, record text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.asked_address(export_elsewhere.address);
begin
    return query
    select 'suppressions', to_jsonb(s)::text from suppressions s where s.address = known
    union all select 'consents', to_jsonb(c)::text from consents c where c.address = known
    union all select 'opt_out_wishes', to_jsonb(w)::text from opt_out_wishes w where w.address = known
    union all select 'whatsapp_windows', to_jsonb(w)::text from whatsapp_windows w where w.address = known
    union all select 'dead_addresses', to_jsonb(d)::text from dead_addresses d where d.address = known
    union all select 'number_lookups', to_jsonb(l)::text from number_lookups l where l.address = known
    union all select 'open_calls', to_jsonb(c)::text from open_calls c where c.address = known
    union all select 'witnessed_messages', to_jsonb(m)::text from witnessed_messages m where outrider.one_spelling(m.address) = known
    union all select 'schedules', jsonb_build_object('name', s.name, 'tenant', s.tenant, 'definition', s.definition)::text
                from schedules s where strpos(outrider.folded(s.definition::text), known) > 0
    union all select 'privacy_events', to_jsonb(e)::text from privacy_events e where e.subject = outrider.address_digest(known);
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- A number that a message reached is not dead.

create function outrider.note_alive(for_jobs bigint[], channels text[]) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    revived bigint;
begin
    -- Most receipts are of this kind: while nothing is remembered as dead, no job is read for them.
    if for_jobs is null or not exists (select from dead_addresses) then return 0; end if;
    -- Who holds a row is changing it anyway: nobody waits for another here.
    delete from dead_addresses d
     where d.ctid = any (array(
           select a.ctid
             from unnest(for_jobs, channels) as g (job_id, channel)
            cross join lateral (select j.address, j.phone, j.email from jobs j where j.id = g.job_id offset 0) j
            cross join lateral (select outrider.one_spelling(outrider.address_on(g.channel, j.address, j.phone, j.email)) as address offset 0) p
             join dead_addresses a on a.address = p.address and a.channel = g.channel
            order by a.address, a.channel for update of a skip locked));
    get diagnostics revived = row_count;
    return revived;
end $$;
comment on function outrider.note_alive(bigint[], text[]) is
    'Forgets of the recipients of these jobs that they were dead on these channels: a message reached them. Returns of how many.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('skip', 'no_text_line', 'Lookup says that its line takes no texts',
     'correct the number, or let the ladder go on to a call; `select outrider.forget_lookup(…)` lets it be looked up again'),
    ('skip', 'risky_number', 'Lookup gives its number a risk above what outrider.lookup_rules allow for the category',
     'find out who asks for messages to it; `select outrider.set_lookup(…)` changes what is allowed');

revoke all on function outrider.note_alive(bigint[], text[]), outrider.note_lookups(bigint[], text[], text[], text[], text[]), outrider.set_lookup(text, boolean, integer, text),
    outrider.forget_lookup(text, text), outrider.lookup_status() from public;
grant execute on function outrider.note_lookups(bigint[], text[], text[], text[], text[]) to outrider_worker;
grant execute on function outrider.note_alive(bigint[], text[]) to outrider_worker, outrider_gateway;
grant execute on function outrider.set_lookup(text, boolean, integer, text), outrider.forget_lookup(text, text) to outrider_operator;
grant execute on function outrider.lookup_status() to outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.lookup_rules to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.number_lookups to outrider_worker, outrider_operator;
-- To lock what it deletes.
grant delete, update (good_until) on outrider.number_lookups to outrider_worker;
