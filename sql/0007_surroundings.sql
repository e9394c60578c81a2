-- What Outrider relies on around it: which server and database it is in, how rows come back from a backup, what the
-- settings of a session may change, and who may hold a lock.

-- ---------------------------------------------------------------------------------------------------------------
-- Where this database is.

alter table outrider.installation
    add column system_identifier text,
    add column timeline          integer,
    add column database_oid      bigint,
    add column written_by        xid8,
    add column doubt             text;
comment on column outrider.installation.system_identifier is 'The server cluster in which workers may send: pg_control_system(). Null where this server does not tell.';
comment on column outrider.installation.timeline is 'The timeline of its log: it grows when a standby is promoted and when a backup is rolled forward.';
comment on column outrider.installation.database_oid is 'The database in which workers may send. A copy on the same server has another number.';
comment on column outrider.installation.written_by is 'The transaction that wrote this row. A row that a restore brought was written by another one.';
comment on column outrider.installation.doubt is 'Why this database may be older than what was sent from it, until an operator confirms.';

create function outrider.surroundings(out system_identifier text, out timeline integer, out database_oid bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- The folder of the table's file: every look at the lanes asks, and to look the name up reads pages of a catalogue.
    database_oid := reverse(split_part(reverse(pg_relation_filepath('outrider.installation')), '/', 2))::bigint;
    -- A managed server may keep both to itself: then the database's number and the row's own transaction must do.
    begin
        system_identifier := (select s.system_identifier::text from pg_control_system() s);
    exception when insufficient_privilege or undefined_function or feature_not_supported then null;
    end;
    begin
        timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
    exception when insufficient_privilege or undefined_function or feature_not_supported
        or object_not_in_prerequisite_state then null;
    end;
end $$;
comment on function outrider.surroundings() is 'Which server, timeline and database this session is in, as far as the server tells.';

create function outrider.displacement() returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    here record;
    home record;
begin
    select * into here from outrider.surroundings();
    select i.*, i.xmin::text as written_in into home from installation i;
    return case
        when not found or home.database_oid is null then 'restored_rows'
        when home.system_identifier <> here.system_identifier then 'another_server'
        when home.database_oid <> here.database_oid then 'another_database'
        -- The lower half of a transaction's number is what the row itself keeps.
        when (home.written_by::text::numeric % 4294967296)::text <> home.written_in then 'restored_rows'
        when home.doubt is not null then home.doubt
        when home.timeline > here.timeline then 'timeline_behind'
        when home.timeline < here.timeline then 'promoted'
    end;
end $$;
comment on function outrider.displacement() is 'Why nothing may be sent from this database: it is a copy, was restored, or is older than what was sent. Null: all is well.';

create function outrider.is_adopted() returns boolean
    language sql stable security definer return outrider.displacement() is null;
comment on function outrider.is_adopted() is 'Whether workers may take work here: this is the database that was migrated, or that an operator has adopted.';

create function outrider.note_who_wrote() returns trigger language plpgsql as $$
begin
    new.written_by := pg_catalog.pg_current_xact_id();
    return new;
end $$;
comment on function outrider.note_who_wrote() is 'Keeps which transaction wrote the row of outrider.installation.';
create trigger installation_is_written_here before update on outrider.installation
    for each row execute function outrider.note_who_wrote();

create table outrider.adoptions (
    id                integer generated always as identity primary key,
    at                timestamptz not null default clock_timestamp(),
    login             text not null,
    reason            text not null,
    displacement      text,
    system_identifier text,
    timeline          integer,
    database_oid      bigint,
    report            jsonb not null
);
comment on table outrider.adoptions is 'Who let workers send from this database, when and why. Only ever added.';
comment on column outrider.adoptions.report is 'What was to be sent and looked up then: outrider.adoption_report().';

create table outrider.watches (
    id   uuid primary key,
    beat bigint not null,
    at   timestamptz not null default clock_timestamp()
);
comment on table outrider.watches is 'What each worker was last told that the database had kept. A worker that remembers more has met an older state of it.';

create table outrider.witness (
    is_the_only_row boolean primary key default true,
    asked_at        timestamptz,
    finished_at     timestamptz,
    is_whole        boolean,
    fault           text,
    constraint there_is_one_witness check (is_the_only_row)
);
comment on table outrider.witness is 'When the providers'' lists were last read for messages that this database does not know. One row.';
insert into outrider.witness default values;

create table outrider.witnessed_messages (
    provider_id    text primary key,
    channel        text not null,
    sender_address text not null,
    address        text not null,
    text_key       text,
    sent_at        timestamptz not null
);
comment on table outrider.witnessed_messages is 'Messages of our senders that the providers list and this database does not know: somebody sent them from another state of it.';
comment on column outrider.witnessed_messages.text_key is 'A digest of the letters and digits of the text, of a mail of its subject; null where the list shows none.';

create function outrider.letters(words text) returns text
    language sql immutable parallel safe return md5(regexp_replace(words, '[^[:alnum:]]', '', 'g'));
comment on function outrider.letters(text) is 'A digest of the letters and digits of a text: providers replace typographic characters.';

create function outrider.witnessed_sends()
    returns table (place tid, job_id bigint, generation integer, step smallint, ladder_id integer, category text, priority integer,
                   channel text, sender_id integer, sent_at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    send record;
    message record;
    used text[] := '{}';
begin
    for send in
        select d.ctid as place, d.job_id, d.generation, d.step, d.ladder_id, j.category, c.channel, a.address, l.sender_id,
               outrider.job_priority(j.category, j.priority) as priority,
               case when j.template is null then outrider.letters(case c.channel when 'email' then j.subject else j.body end) end as text_key
          from due d
          join jobs j on j.id = d.job_id
          left join lanes l on l.id = d.lane
          left join ladder_steps s on s.ladder_id = d.ladder_id and s.position = d.step
         cross join lateral (select coalesce(s.channel, j.channel) as channel) c
         cross join lateral (select outrider.address_on(c.channel, j.address, j.phone, j.email) as address) a
         where d.reason in ('dispatch', 'resume')
           and exists (select from witnessed_messages w where w.channel = c.channel and w.address = a.address)
           and not exists (select from events o where o.job_id = j.id and o.generation = 0 and o.kind || '' = 'outcome')
         order by d.job_id
    loop
        -- Each message counts for one send. A text of our own is compared where the list shows one.
        select w.* into message from witnessed_messages w
         where w.channel = send.channel and w.address = send.address and w.provider_id <> all (used)
           and (send.channel = 'voice' or send.text_key is null or w.text_key is null or w.text_key = send.text_key)
         order by (w.text_key = send.text_key) desc nulls last, w.sent_at limit 1;
        continue when not found;
        used := used || message.provider_id;
        return query select send.place, send.job_id, send.generation, send.step, send.ladder_id, send.category, send.priority,
                            send.channel,
                            coalesce((select s.id from senders s where s.channel = send.channel
                                         and s.address = message.sender_address order by s.id limit 1), send.sender_id),
                            message.sent_at;
    end loop;
end $$;
comment on function outrider.witnessed_sends() is 'Sends that wait here although a provider lists a message like them. An adoption has them looked up instead of sent.';

create function outrider.adoption_report() returns table (what text, category text, count bigint)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with witnessed as materialized (
        select * from outrider.witnessed_sends()
    ), waiting as materialized (
        select d.reason, j.category, count(*) as count,
               count(*) filter (where d.reason in ('dispatch', 'resume') and (d.job_id, d.generation) in (
                   select job_id, generation from witnessed)) as found
          from due d
          join jobs j on j.id = d.job_id
         where not exists (select from events o where o.job_id = j.id and o.generation = 0 and o.kind || '' = 'outcome')
         group by 1, 2
    )
    select 'send', category, sum(count - found) from waiting where reason in ('dispatch', 'resume') group by category
    union all
    select 'look up: a provider lists a message like it', category, sum(found) from waiting group by category having sum(found) > 0
    union all
    select 'look up: nobody knows whether it was sent', category, sum(count) from waiting where reason = 'reconcile' group by category
    union all
    select 'look up: its worker is gone', j.category, count(*)
      from leases l cross join lateral unnest(l.job_ids) as u (id) join jobs j on j.id = u.id group by j.category
    union all
    select 'wait for a receipt', category, sum(count) from waiting where reason in ('receipt', 'decide') group by category
    union all
    select 'messages that the providers list and this database does not know', null, count(*) from witnessed_messages
$$;
comment on function outrider.adoption_report() is 'What workers will do once this database is adopted: what they send and what they look up, by category.';

create function outrider.go_on_here() returns void
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if not exists (select from installation) then
        insert into installation default values;
    end if;
    update installation i
       set (system_identifier, timeline, database_oid) = (select s.system_identifier, s.timeline, s.database_oid from outrider.surroundings() s),
           doubt = null;
    delete from witnessed_messages;
    update witness set asked_at = null, finished_at = null, is_whole = null, fault = null;
end $$;
comment on function outrider.go_on_here() is 'Writes down that this server, timeline and database are the ones to send from.';

create function outrider.adopt(reason text) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    why constant text := outrider.displacement();
    looked_up bigint;
begin
    if nullif(btrim(reason), '') is null or length(reason) > 500 then
        raise exception 'reason_must_be_1_to_500_characters' using errcode = 'invalid_parameter_value';
    end if;
    lock table installation in share row exclusive mode;  -- One at a time; workers only read it.
    if why is null then
        return 'adopted already: nothing changed';
    end if;
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    insert into adoptions (login, reason, displacement, system_identifier, timeline, database_oid, report)
    select session_user, adopt.reason, why, s.system_identifier, s.timeline, s.database_oid,
           (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from outrider.adoption_report() r)
      from outrider.surroundings() s;
    with found as materialized (
        select * from outrider.witnessed_sends()
    ), begun as (
        insert into events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, worker, token)
        select f.job_id, f.generation, 'intent', 'taken', f.sent_at, f.step, f.ladder_id, f.channel, f.sender_id, 'adopt', gen_random_uuid()
          from found f on conflict do nothing returning events.job_id, events.generation
    ), lost as (
        insert into events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, worker, reason)
        select f.job_id, f.generation, 'answer', 'lost', f.step, f.ladder_id, f.channel, f.sender_id, 'adopt',
               'the provider lists a message like it, sent from another state of this database'
          from found f join begun b on b.job_id = f.job_id and b.generation = f.generation on conflict do nothing
    ), dropped as (
        delete from due d using found f where d.ctid = f.place
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), f.job_id, outrider.look_lane('reconcile', f.priority, f.channel), 'reconcile', f.step, f.generation, f.ladder_id
      from found f;
    get diagnostics looked_up = row_count;
    -- Replication and a copy of the rows alone bring no sequence along.
    perform setval('jobs_id_seq', greatest((select max(id) from jobs), (select last_value from jobs_id_seq)))
      where exists (select from jobs);
    perform outrider.create_partitions();
    perform outrider.go_on_here();
    perform pg_notify('outrider_due', '');
    return format('adopted: workers go on; %s sends are looked up first', looked_up);
end $$;
comment on function outrider.adopt(text) is 'An operator confirms that workers may send from this database, although it was restored, copied or moved. Kept in outrider.adoptions.';

create function outrider.note_promotion() returns boolean
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if outrider.displacement() is distinct from 'promoted' then
        return false;
    end if;
    perform outrider.go_on_here();
    return true;
end $$;
comment on function outrider.note_promotion() is 'A worker found that a promoted standby lacks nothing: the fleet goes on by itself. False where anything else is amiss.';

create function outrider.doubt_database(why text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- A copy has its reason already, and the row that shows it must stay as it came.
    if coalesce(outrider.displacement(), 'promoted') <> 'promoted' then
        return false;
    end if;
    update installation set doubt = why where doubt is null;
    return found;
end $$;
comment on function outrider.doubt_database(text) is 'A worker found that this database is older than what was sent from it: nothing more is sent until an operator adopts it.';

select outrider.go_on_here();

grant execute on function outrider.displacement(), outrider.is_adopted() to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.note_promotion(), outrider.doubt_database(text), outrider.letters(text) to outrider_worker;
grant execute on function outrider.adopt(text), outrider.adoption_report(), outrider.surroundings() to outrider_operator;
revoke execute on function outrider.surroundings(), outrider.displacement(), outrider.is_adopted(), outrider.note_who_wrote(),
    outrider.letters(text), outrider.witnessed_sends(), outrider.adoption_report(), outrider.go_on_here(), outrider.adopt(text),
    outrider.note_promotion(), outrider.doubt_database(text) from public;
grant select on outrider.adoptions, outrider.watches, outrider.witness, outrider.witnessed_messages to outrider_worker, outrider_operator;
grant insert, update, delete on outrider.watches, outrider.witnessed_messages to outrider_worker;
grant update on outrider.witness to outrider_worker;
grant select on outrider.witness to outrider_gateway;

-- ---------------------------------------------------------------------------------------------------------------
-- How rows come back from a dump. A dump of everything makes its triggers last, so they do not see its rows. One of the
-- rows alone comes into a database that was migrated: what the migrations put there must not stand in its way.

create function outrider.take_restored_row() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    case tg_table_name
    when 'installation' then
        if exists (select from installation) then
            update installation set doubt = coalesce(doubt, 'restored_rows');
            return null;
        end if;
    when 'schema_migrations' then
        if exists (select from schema_migrations where number = new.number and checksum = new.checksum) then return null; end if;
    when 'witness' then
        if exists (select from witness) then return null; end if;
    when 'stray_walk' then
        if exists (select from stray_walk) then return null; end if;
    when 'tallying' then
        if exists (select from tallying) then return null; end if;
    when 'word_locks' then
        if exists (select from word_locks where slot = new.slot) then return null; end if;
    when 'lanes' then
        if exists (select from lanes where id = new.id
                      and (purpose, priority, sender_id, tenant, campaign_id)
                          is not distinct from (new.purpose, new.priority, new.sender_id, new.tenant, new.campaign_id)) then
            return null;
        end if;
    when 'ladders' then
        if exists (select from ladders where id = new.id and name = new.name and version = new.version) then return null; end if;
    when 'ladder_steps' then
        if exists (select from ladder_steps where ladder_id = new.ladder_id and position = new.position
                      and (channel, wait_seconds, success) = (new.channel, new.wait_seconds, new.success)) then return null; end if;
    when 'error_codes' then
        update error_codes e
           set (class, retry_after_seconds, meaning, source, as_of)
             = (new.class, new.retry_after_seconds, new.meaning, new.source, new.as_of)
         where e.provider = new.provider and e.code = new.code;
        if found then return null; end if;
    end case;
    return new;
end $$;
comment on function outrider.take_restored_row() is 'Lets a dump of the rows alone come in: what a migration had put there is not inserted again, and a class of error that an operator had set counts.';

create or replace function outrider.refuse_known_key() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- First, or the answer would tell which keys another tenant has used.
    perform outrider.check_tenant(new.tenant);
    insert into idempotency_keys (tenant, key, job_id) values (new.tenant, new.idempotency_key, new.id)
    on conflict do nothing;
    if found then
        return new;
    end if;
    -- Rows of a dump: the key that is there already is this job's own.
    if exists (select from idempotency_keys k where k.tenant = new.tenant and k.key = new.idempotency_key and k.job_id = new.id) then
        return new;
    end if;
    return null;
end $$;

create or replace function outrider.check_ladder_at_commit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if outrider.displacement() is not null then
        return null;  -- Rows of a dump: a ladder and its steps come in two transactions.
    elsif tg_table_name = 'ladders' then
        perform outrider.check_ladder(new.id);
    else
        perform outrider.check_ladder(new.ladder_id);
    end if;
    return null;
end $$;

create or replace function outrider.refuse_late_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if outrider.displacement() is not null then
        return new;  -- Rows of a dump.
    end if;
    if exists (select from due where ladder_id = new.ladder_id limit 1)
       or exists (select from ladders where id = new.ladder_id and created_at < transaction_timestamp()) then
        raise exception 'a saved ladder version never changes: running jobs keep it' using
            errcode = 'restrict_violation', hint = 'Save a new version with outrider.save_ladder.';
    end if;
    return new;
end $$;

-- Which time zones there are, the server's own files say, so it is asked at the insert and never again: a CHECK would
-- refuse old rows on another server.
alter table outrider.jobs drop constraint time_zone_must_be_known;

create function outrider.refuse_unknown_time_zone() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if outrider.is_time_zone(new.time_zone) or outrider.displacement() is not null then
        return new;
    end if;
    raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
        hint = 'Write it as PostgreSQL knows it, for example Europe/Warsaw.';
end $$;
comment on function outrider.refuse_unknown_time_zone() is 'Refuses a time zone that this server does not know. Rows of a dump come in all the same.';
create trigger jobs_have_a_known_time_zone before insert on outrider.jobs
    for each row when (new.time_zone <> 'UTC') execute function outrider.refuse_unknown_time_zone();
revoke execute on function outrider.refuse_unknown_time_zone() from public;

-- What is a space depends on the locale, so these say which one they mean. A value that the old rule took, the new one
-- takes too: nothing has to be looked at again.
alter table outrider.jobs
    drop constraint address_must_be_an_email_address_for_email,
    drop constraint email_must_be_an_email_address,
    add constraint address_must_be_an_email_address_for_email
        check (channel <> 'email' or (address collate "C" ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+$'
                                      and strpos(address, '@') <= 65 and length(address) <= 254)) not valid,
    add constraint email_must_be_an_email_address
        check (email collate "C" ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+$'
               and strpos(email, '@') <= 65 and length(email) <= 254) not valid;
alter table outrider.senders
    drop constraint sender_address_must_fit_its_channel,
    add constraint sender_address_must_fit_its_channel check (case channel
        when 'sms'   then address collate "C" ~ '^([+][1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{1,11})$'
        when 'email' then address collate "C" ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$'
        when 'voice' then address collate "C" ~ '^[+][1-9][0-9]{6,14}$'
        else address collate "C" ~ '^([+][1-9][0-9]{6,14}|MG[0-9a-fA-F]{32})$' end);

create or replace function outrider.are_https_urls(urls text[]) returns boolean
    language sql immutable parallel safe
    return (select coalesce(bool_and(coalesce(url collate "C" ~ '^https?://[^[:space:]]+$' and length(url) <= 2048, false)), true)
              from unnest(urls) url);

-- Rows that come by replication, or while triggers are off, have no due row.

create table outrider.stray_walk (
    is_the_only_row boolean primary key default true,
    next_id         bigint not null default 0,
    look_at         timestamptz not null default clock_timestamp(),
    found           bigint not null default 0,
    found_at        timestamptz,
    constraint there_is_one_walk check (is_the_only_row)
);
comment on table outrider.stray_walk is 'How far the search for jobs without a due row has come, and how many it has found. One row.';
insert into outrider.stray_walk default values;

create function outrider.strays(candidates bigint[]) returns bigint[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set enable_seqscan = on set enable_hashjoin = on as $$
    -- One snapshot: a job is never between its due row, its lease and what follows. Due rows have no index by job, so they
    -- are read once for all candidates; the rest is looked up (`offset 0`), as a join of whole partitions is a thousand times slower.
    -- `= any (candidates)` would compare each due row with each candidate.
    with wanted as materialized (
        select distinct id from unnest(candidates) as id
    ), present as materialized (
        select d.job_id from due d where d.job_id in (select id from wanted)
        union all
        select u.id from leases l cross join lateral unnest(l.job_ids) as u (id)
    )
    select coalesce(array_agg(c.id order by c.id), '{}') from wanted c
     where (c.id in (select job_id from present)) is not true
       and exists (select from jobs j where j.id = c.id and j.created_at < clock_timestamp() - interval '1 minute' offset 0)
       and not exists (select from events o where o.job_id = c.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
       and not exists (select from events h where h.job_id = c.id and h.kind || '' = 'held'
                          and not exists (select from events r where r.job_id = h.job_id and r.generation = h.generation
                                             and r.kind || '' = 'released') offset 0)
$$;
comment on function outrider.strays(bigint[]) is 'Those of these jobs that nothing will look at again, as outrider.stranded_jobs() finds them.';

create function outrider.place_due(strays bigint[]) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    rebuilt bigint;
begin
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    with stranded as materialized (
        select j.* from unnest(strays) s join jobs j on j.id = s
    ), last as materialized (
        select s.id, e.generation, e.step, e.ladder_id, e.channel, e.kinds, n.detail
          from stranded s
          left join lateral (
               select generation, min(step) as step, min(ladder_id) as ladder_id, min(channel) as channel, array_agg(kind) as kinds
                 from events where job_id = s.id and generation > 0 and kind <> 'deferred'
                group by generation order by generation desc limit 1) e on true
          left join events n on n.job_id = s.id and n.generation = e.generation and n.kind = 'next'
    ), lost as (
        insert into events (job_id, generation, kind, status, step, ladder_id, reason)
        select id, generation, 'answer', 'lost', step, ladder_id, 'found without an answer or a lease'
          from last where 'intent' = any (kinds) and not 'answer' = any (kinds)
        on conflict do nothing
    ), steps as (
        select l.*, s.category, s.priority,
               coalesce((l.detail ->> 'next_step')::smallint, l.step, 0) as next_step,
               coalesce(l.ladder_id, case when s.kind = 'notify' then outrider.current_ladder(s.ladder) end) as ladder,
               s.run_at
          from last l join stranded s using (id)
    ), reasons as (
        select t.*, case when kinds is null or 'next' = any (kinds) then 'dispatch'
                         when 'intent' = any (kinds) and not 'answer' = any (kinds) then 'reconcile' else 'decide' end as reason
          from steps t
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    select greatest(clock_timestamp(), case when kinds is null then run_at end), id,
           case reason when 'dispatch' then outrider.send_lane(id, ladder, next_step)
                       else outrider.look_lane(reason, outrider.job_priority(category, priority), channel) end,
           reason, next_step,
           case when kinds is null then 1 when 'next' = any (kinds) then generation + 1 else generation end, ladder
      from reasons;
    get diagnostics rebuilt = row_count;
    return rebuilt;
end $$;
comment on function outrider.place_due(bigint[]) is 'Gives these jobs their due rows back, worked out from their events. Returns how many.';

create or replace function outrider.rebuild_due(at_most integer default 1000) returns bigint
    language sql security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select outrider.place_due(array(select outrider.stranded_jobs(at_most)))
$$;

-- The search reads much. While it reads it holds no transaction id, or no worker's floor could rise, and each of their looks
-- would step over all that was taken meanwhile.
create function outrider.begin_stray_walk() returns bigint
    language sql security definer set search_path = pg_catalog, outrider, pg_temp as $$
    update stray_walk w
       -- The more due rows there are to read, the more seldom.
       set look_at = clock_timestamp() + make_interval(secs => 60 + (select greatest(reltuples, 0) / 10000 from pg_class
                                                                      where oid = 'outrider.due'::regclass))
      from (select is_the_only_row from stray_walk where look_at <= clock_timestamp() for update skip locked) as due_walk
     where w.is_the_only_row = due_walk.is_the_only_row and displacement() is null
    returning w.next_id
$$;
comment on function outrider.begin_stray_walk() is 'Takes on the search for jobs without a due row: after which job it goes on. Nothing when another worker did so within a minute or more.';

create function outrider.find_strays(after bigint, part integer default 20000, out strays bigint[], out until bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    around bigint[] := array(select id from jobs where id > after order by id limit part);
begin
    strays := outrider.strays(around || array(select id from jobs order by id desc limit part));
    until := case when cardinality(around) < part then 0 else around[part] end;
end $$;
comment on function outrider.find_strays(bigint, integer) is 'Those among the newest jobs, and among a part of the others, that nothing will look at again; and where the next search goes on. Writes nothing.';

create function outrider.end_stray_walk(strays bigint[], until bigint) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    still bigint[];
begin
    perform from stray_walk for update;  -- Of two searches that overlap, the second finds what the first has mended.
    still := outrider.strays(strays);
    update stray_walk w
       set next_id = until, found = w.found + cardinality(still),
           found_at = case when cardinality(still) > 0 then clock_timestamp() else w.found_at end;
    return case when cardinality(still) > 0 then place_due(still) else 0 end;
end $$;
comment on function outrider.end_stray_walk(bigint[], bigint) is 'Gives these jobs their due rows back, those that still have none, and notes where the next search goes on. Returns how many.';

revoke execute on function outrider.strays(bigint[]), outrider.place_due(bigint[]), outrider.begin_stray_walk(),
    outrider.find_strays(bigint, integer), outrider.end_stray_walk(bigint[], bigint) from public;
grant execute on function outrider.begin_stray_walk(), outrider.find_strays(bigint, integer),
    outrider.end_stray_walk(bigint[], bigint) to outrider_worker;
grant select on outrider.stray_walk to outrider_worker, outrider_gateway, outrider_operator;

-- ---------------------------------------------------------------------------------------------------------------
-- What the settings of a session or the locale of a database may not change.

create function outrider.folded(address text) returns text
    language sql immutable parallel safe as $$
    select translate(address, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
$$;
comment on function outrider.folded(text) is 'An address as addresses are compared: A to Z in lower case, whatever the locale of the database says of other letters.';

create or replace function outrider.address_on(channel text, address text, phone text, email text) returns text
    language sql immutable parallel safe as $$
    -- One expression, so that it is inlined.
    select case channel when 'email' then translate(coalesce(address, email), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
           else coalesce(address, phone) end
$$;
comment on function outrider.address_on(text, text, text, text) is
    'By what address a job''s recipient is known on this channel: given the job''s address, phone and email. A to Z of an e-mail address are in lower case.';

-- Backslashes mean something else where standard_conforming_strings is off: brackets, and E'' where they must be.
create or replace function outrider.long_segments(body text) returns integer
    language plpgsql immutable parallel safe as $$
declare
    units integer := length(body);
begin
    -- GSM 03.38: 160 septets in one part, 153 in each of several; any other character makes it UCS-2: 70, or 67.
    if body !~ E'[^\n\f\r !-_a-~@£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€]' then
        if body ~ E'[\f\\^{}\\\\[~\\]|€]' then
            units := 2 * units - length(translate(body, E'\f^{}\\[~]|€', ''));
        end if;
        return case when units <= 160 then 1 else (units + 152) / 153 end;
    end if;
    if body ~ E'[\\U00010000-\\U0010ffff]' then
        units := units + length(regexp_replace(body, E'[\\u0001-\\uffff]', '', 'g'));
    end if;
    return case when units <= 70 then 1 else (units + 66) / 67 end;
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- What an application may get in the way of.

-- Words of one person wait for each other. An advisory lock of a name anybody can guess would let any login make a STOP
-- wait; these rows only Outrider may lock.
create table outrider.word_locks (
    slot smallint primary key
);
comment on table outrider.word_locks is 'Rows to lock while words of people are stored: a person has one of them, by the hash of the address.';
insert into outrider.word_locks select generate_series(0, 1023);
grant select, update on outrider.word_locks to outrider_gateway, outrider_worker;  -- to lock; no statement updates a row

create function outrider.refuse_reserved_key() returns trigger
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- outrider.retry() inserts as the owner of the tables. A superuser brings rows of a dump.
    if exists (select from pg_roles r where r.rolname = current_user
                  and (r.rolsuper or r.oid = (select relowner from pg_class where relname = 'jobs' and relnamespace = (
                      select oid from pg_namespace where nspname = 'outrider')))) then
        return new;
    end if;
    raise exception 'idempotency_key_must_not_begin_with_outrider' using
        errcode = 'check_violation', constraint = 'idempotency_key_must_not_begin_with_outrider',
        hint = 'Keys that begin with "outrider." belong to outrider.retry(). Choose another one.';
end $$;
comment on function outrider.refuse_reserved_key() is 'Keeps the keys by which outrider.retry() knows its jobs out of the hands of applications.';
-- Before jobs_idempotency, by its name.
create trigger jobs_have_keys_of_their_own before insert on outrider.jobs
    for each row when (new.idempotency_key like 'outrider.%') execute function outrider.refuse_reserved_key();
revoke execute on function outrider.refuse_reserved_key(), outrider.folded(text) from public;
grant execute on function outrider.folded(text) to outrider_app, outrider_worker, outrider_gateway, outrider_operator;

do $$
declare
    seeded text;
begin
    foreach seeded in array array['installation', 'schema_migrations', 'witness', 'stray_walk', 'word_locks', 'lanes',
                                  'ladders', 'ladder_steps', 'error_codes'] loop
        -- Also for rows that replication brings; its name comes before those of the other triggers.
        execute format('create trigger a_restored_row before insert on outrider.%I for each row execute function outrider.take_restored_row()',
                       seeded);
        execute format('alter table outrider.%I enable always trigger a_restored_row', seeded);
    end loop;
end $$;
