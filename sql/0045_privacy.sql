-- What a person may ask for: that their data be purged, and to be told what there is.
--
-- Jobs have no index by address: it would cost each insert. They are walked a part at a time, each part a statement of its own,
-- so nothing waits for the walk. That is why these functions are made for `outrider forget` and `outrider export`, and none does it all.
-- Of the tables that are busy, this migration locks none.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- Whom a record is about, without the address.

create table outrider.privacy_key (
    is_the_only_row boolean primary key default true,
    key             uuid not null default gen_random_uuid(),
    more            uuid not null default gen_random_uuid()
);
comment on table outrider.privacy_key is 'The key of outrider.address_digest(). One row, once it was needed; no role reads it.';

create function outrider.address_digest(address text) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    insert into privacy_key default values on conflict do nothing;
    return (select left(encode(sha256(convert_to(concat(k.key, k.more, outrider.one_spelling(address_digest.address)), 'UTF8')), 'hex'), 32) from privacy_key k);
end $$;
comment on function outrider.address_digest(text) is 'What stands for an address in outrider.privacy_events. Whoever knows the address finds its records; nobody finds the address without the key of this database.';

create function outrider.asked_address(address text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if asked_address.address is null or asked_address.address !~ '^([+][1-9][0-9]{6,14}|[^@[:space:]]+@[^@[:space:]]+)$' collate "C" then
        raise exception 'address_must_be_e164_or_an_email_address' using errcode = 'invalid_parameter_value',
            constraint = 'address_must_be_e164_or_an_email_address', hint = 'A number is written like +15005550006, without spaces.';
    end if;
    return outrider.one_spelling(asked_address.address);
end $$;
comment on function outrider.asked_address(text) is 'An address in its one spelling, if it is one.';

create function outrider.note_privacy(what text, address text, reason text, detail jsonb default '{}') returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if coalesce(btrim(note_privacy.reason), '') = '' then
        raise exception 'privacy_needs_a_reason' using errcode = 'invalid_parameter_value', constraint = 'privacy_needs_a_reason',
            hint = 'Say who asked for it, such as ''letter of 3 May, ticket 17''. It is kept; write no address into it.';
    end if;
    insert into privacy_events (what, subject, reason, detail)
    values (note_privacy.what, outrider.address_digest(outrider.asked_address(note_privacy.address)), left(btrim(note_privacy.reason), 1000), coalesce(note_privacy.detail, '{}'));
end $$;
comment on function outrider.note_privacy(text, text, text, jsonb) is 'Keeps who had the data of an address purged or handed out, and why.';

-- ---------------------------------------------------------------------------------------------------------------
-- The walks.

create function outrider.jobs_of_address(address text, after bigint default 0, part integer default 50000, out ids bigint[], out under_way bigint[], out until bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    known constant text := outrider.asked_address(jobs_of_address.address);
    seen bigint;
begin
    select array_agg(p.id order by p.id) filter (where outrider.one_spelling(p.address) = known or outrider.one_spelling(p.phone) = known
                                                    or outrider.one_spelling(p.email) = known), max(p.id), count(*)
      into ids, until, seen
      from (select j.id, j.address, j.phone, j.email from jobs j where j.id > jobs_of_address.after order by j.id limit part) p;
    ids := coalesce(ids, '{}');
    until := case when seen < part then null else until end;
    under_way := array(select u.id from unnest(ids) as u (id)
                        where not exists (select from events o where o.job_id = u.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0) order by u.id);
end $$;
comment on function outrider.jobs_of_address(text, bigint, integer) is
    'Among so many jobs after one of them, those to an address, and which of these have not ended; and where to go on. Null: no job is left.';

create function outrider.inbound_of_address(address text, after text default '', part integer default 50000, out ids text[], out words text[], out until text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    known constant text := outrider.asked_address(inbound_of_address.address);
    seen bigint;
begin
    select array_agg(p.provider_id order by p.provider_id) filter (where outrider.one_spelling(p.from_address) = known),
           array_agg(p.provider_id order by p.provider_id) filter (where outrider.one_spelling(p.from_address) = known and p.keyword in ('stop', 'start')),
           max(p.provider_id), count(*)
      into ids, words, until, seen
      from (select m.provider_id, m.from_address, m.keyword from inbound_messages m where m.provider_id > inbound_of_address.after
             order by m.provider_id limit part) p;
    ids := coalesce(ids, '{}');
    words := coalesce(words, '{}');
    until := case when seen < part then null else until end;
end $$;
comment on function outrider.inbound_of_address(text, text, integer) is
    'Among so many messages of people after one of them, those of an address, and which of these are a STOP or START; and where to go on. Null: none is left.';

create function outrider.held_elsewhere(address text) returns table (place text, fate text, count bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.asked_address(held_elsewhere.address);
begin
    return query
    select 'whatsapp_windows', 'purge', count(*) from whatsapp_windows w where w.address = known
    union all select 'dead_addresses', 'purge', count(*) from dead_addresses d where d.address = known
    union all select 'open_calls', 'purge', count(*) from open_calls c where c.address = known
    union all select 'witnessed_messages', 'purge', count(*) from witnessed_messages m where outrider.one_spelling(m.address) = known
    union all select 'opt_out_wishes: text', 'purge', count(*) from opt_out_wishes w where w.address = known and w.text is not null
    union all select 'opt_out_wishes', 'keep', count(*) from opt_out_wishes w where w.address = known
    union all select 'suppressions', 'keep', count(*) from suppressions s where s.address = known
    union all select 'consents', 'keep', count(*) from consents c where c.address = known
    union all select 'schedules', 'change by hand', count(*) from schedules s where strpos(outrider.folded(s.definition::text), known) > 0;
end $$;
comment on function outrider.held_elsewhere(text) is 'What tables beside jobs and messages of people hold about an address, and what outrider.forget_elsewhere() does about it.';

-- ---------------------------------------------------------------------------------------------------------------
-- Erasure.

create function outrider.forget_jobs(ids bigint[], address text) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    known constant text := outrider.asked_address(forget_jobs.address);
    open_one constant bigint := (select u.id from unnest(forget_jobs.ids) as u (id)
        where not exists (select from events o where o.job_id = u.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0) limit 1);
begin
    if open_one is not null then
        raise exception 'job_must_have_ended: job % is under way', open_one using errcode = 'object_not_in_prerequisite_state',
            constraint = 'job_must_have_ended', hint = 'Cancel it first: outrider.cancel(id).';
    end if;
    -- A key that spells the address out. The other spellings of a number end alike.
    with spelled as materialized (
        select j.id, j.tenant, j.idempotency_key from unnest(forget_jobs.ids) as u (id)
         cross join lateral (select * from jobs where id = u.id offset 0) j
         where strpos(outrider.folded(j.idempotency_key), right(known, case when known like '+%' then 8 else length(known) end)) > 0
    ), renamed as (
        update idempotency_keys k set key = 'outrider.forgotten/' || s.id from spelled s where k.tenant = s.tenant and k.key = s.idempotency_key
    )
    update jobs j set idempotency_key = 'outrider.forgotten/' || j.id where j.id = any (array(select s.id from spelled s));
    return outrider.purge_jobs(forget_jobs.ids, true, true);
end $$;
comment on function outrider.forget_jobs(bigint[], text) is
    'Takes content and addresses out of these jobs, which are to an address, whatever outrider.retention_rules say. A key that spells the address is replaced. Returns how many there were.';

create function outrider.forget_inbound(ids text[]) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    forgotten integer;
begin
    update inbound_messages m set from_address = ''
     where m.provider_id = any (forget_inbound.ids) and m.from_address <> '' and (m.keyword in ('stop', 'start')) is not true;
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;
comment on function outrider.forget_inbound(text[]) is 'Takes out who wrote these messages, but for a STOP or START, which is evidence. Returns of how many.';

create function outrider.forget_elsewhere(address text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.asked_address(forget_elsewhere.address);
begin
    delete from whatsapp_windows w where w.address = known;
    delete from dead_addresses d where d.address = known;
    delete from open_calls c where c.address = known;
    delete from witnessed_messages m where outrider.one_spelling(m.address) = known;
    update opt_out_wishes w set text = null where w.address = known and w.text is not null;
end $$;
comment on function outrider.forget_elsewhere(text) is
    'Purges what tables beside jobs and messages of people hold about an address. Suppressions, consents and sentences that stop something stay: they keep it from being written to.';

-- ---------------------------------------------------------------------------------------------------------------
-- Access.

create function outrider.export_jobs(ids bigint[]) returns table (id bigint, record text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
begin
    return query
    select j.id, jsonb_strip_nulls((to_jsonb(j) - '{xact,wave}'::text[]) || jsonb_build_object(
               'events', (select coalesce(jsonb_agg(to_jsonb(e) - '{job_id,xact,token,worker}'::text[] order by e.at, e.generation), '[]')
                            from events e where e.job_id = j.id),
               'timeline', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from outrider.timeline(j.id) t)))::text
      from unnest(export_jobs.ids) as u (id) cross join lateral (select * from jobs where jobs.id = u.id offset 0) j
     order by j.id;
end $$;
comment on function outrider.export_jobs(bigint[]) is 'All that is kept about these jobs, each as one JSON object: the row, its events with the provider''s receipts, and its timeline.';

create function outrider.export_inbound(ids text[]) returns table (id text, record text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select m.provider_id, to_jsonb(m)::text from inbound_messages m where m.provider_id = any (export_inbound.ids) order by 1
$$;
comment on function outrider.export_inbound(text[]) is 'These messages of people, each as one JSON object.';

create function outrider.export_elsewhere(address text) returns table (place text, record text)
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
    union all select 'open_calls', to_jsonb(c)::text from open_calls c where c.address = known
    union all select 'witnessed_messages', to_jsonb(m)::text from witnessed_messages m where outrider.one_spelling(m.address) = known
    union all select 'schedules', jsonb_build_object('name', s.name, 'tenant', s.tenant, 'definition', s.definition)::text
                from schedules s where strpos(outrider.folded(s.definition::text), known) > 0
    union all select 'privacy_events', to_jsonb(e)::text from privacy_events e where e.subject = outrider.address_digest(known);
end $$;
comment on function outrider.export_elsewhere(text) is 'What tables beside jobs and messages of people hold about an address, each row as one JSON object, with its table.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on outrider.privacy_key from public;
revoke all on function outrider.address_digest(text), outrider.asked_address(text), outrider.note_privacy(text, text, text, jsonb),
    outrider.jobs_of_address(text, bigint, integer), outrider.inbound_of_address(text, text, integer), outrider.held_elsewhere(text),
    outrider.forget_jobs(bigint[], text), outrider.forget_inbound(text[]), outrider.forget_elsewhere(text),
    outrider.export_jobs(bigint[]), outrider.export_inbound(text[]), outrider.export_elsewhere(text) from public;
grant execute on function outrider.address_digest(text), outrider.note_privacy(text, text, text, jsonb),
    outrider.jobs_of_address(text, bigint, integer), outrider.inbound_of_address(text, text, integer), outrider.held_elsewhere(text),
    outrider.forget_jobs(bigint[], text), outrider.forget_inbound(text[]), outrider.forget_elsewhere(text),
    outrider.export_jobs(bigint[]), outrider.export_inbound(text[]), outrider.export_elsewhere(text) to outrider_operator;
