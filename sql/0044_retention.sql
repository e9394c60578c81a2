-- How long Outrider keeps what a message said and whom it was for. Each rule is a row; workers purge what is older, a part at a time.
--
-- Of the tables that are busy, this migration locks `jobs` alone, and rewrites nothing.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- Who asked for what.

create table outrider.privacy_events (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    login   text not null default session_user,
    person  text default outrider.acting_person(),
    what    text not null,
    subject text not null,
    reason  text not null,
    detail  jsonb not null default '{}'
);
comment on table outrider.privacy_events is 'Who changed how long data is kept, had a person''s data purged or handed out, when and why. Only ever added.';
comment on column outrider.privacy_events.subject is 'The category of a rule, or the digest of an address by outrider.address_digest(): never an address.';
comment on column outrider.privacy_events.detail is 'The rule as it was set, or how many rows were found and purged, by table.';

create function outrider.refuse_privacy_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was done about privacy is kept as it is' using
        errcode = 'restrict_violation', hint = 'The table holds no address. It shows who had data purged or handed out.';
end $$;
comment on function outrider.refuse_privacy_change() is 'Keeps the record of outrider.privacy_events as it is.';
create trigger privacy_events_never_change before update or delete or truncate on outrider.privacy_events
    for each statement execute function outrider.refuse_privacy_change();

-- ---------------------------------------------------------------------------------------------------------------
-- The rules.

create table outrider.retention_rules (
    category      text primary key,
    body_after    interval,
    address_after interval,
    constraint retention_is_set_for_a_category_of_jobs check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint body_must_be_kept_0_to_3650_days check (body_after between interval '0' and interval '3650 days'),
    constraint address_must_be_kept_0_to_3650_days check (address_after between interval '0' and interval '3650 days')
);
comment on table outrider.retention_rules is 'How long after its outcome a job''s content and addresses are kept, by category. Null: as long as its row.';
comment on column outrider.retention_rules.body_after is 'Body, subject, data and links of files.';
comment on column outrider.retention_rules.address_after is 'Address, phone, e-mail address and metadata.';

create table outrider.purge_walks (
    after     interval primary key,
    until     timestamptz not null default '-infinity',
    looked_at timestamptz
);
comment on table outrider.purge_walks is 'How far the purge has come, one row for each time that a rule names. What is missing here begins anew from the oldest job.';
comment on column outrider.purge_walks.until is 'Jobs that ended until then are purged of what is kept no longer than this.';

create function outrider.walk_anew() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- Jobs of this category that ended long ago may not have been looked at with this rule.
    delete from purge_walks w where w.after in (new.body_after, new.address_after);
    return null;
end $$;
comment on function outrider.walk_anew() is 'Has a rule that was changed hold for all that has ended, too.';
create trigger retention_holds_for_all after insert or update on outrider.retention_rules
    for each row execute function outrider.walk_anew();

create function outrider.take_restored_retention() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update retention_rules r set (body_after, address_after) = (new.body_after, new.address_after) where r.category = new.category;
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_retention() is 'Lets a rule that is there already come in again, such as from a dump of the rows alone: what comes in counts.';
create trigger a_restored_row before insert on outrider.retention_rules for each row execute function outrider.take_restored_retention();
alter table outrider.retention_rules enable always trigger a_restored_row;

-- An installation that has jobs goes on keeping them, until an operator says otherwise: what is purged does not come back.
insert into outrider.retention_rules (category, body_after, address_after)
select c.category, case when not k.keeps then c.body_after end, case when not k.keeps then c.address_after end
  from (values ('otp', interval '0', interval '0'), ('alert', '7 days', '90 days'), ('transactional', '7 days', '90 days'),
               ('marketing', '7 days', '90 days')) as c (category, body_after, address_after)
 cross join (select exists (select from outrider.jobs) as keeps) k;

create function outrider.set_retention(category text, body_after interval, address_after interval, reason text) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    rule retention_rules;
begin
    if coalesce(btrim(set_retention.reason), '') = '' then
        raise exception 'retention_needs_a_reason' using errcode = 'invalid_parameter_value', constraint = 'retention_needs_a_reason',
            hint = 'Say why, such as ''agreed with the data protection officer''. It is kept.';
    end if;
    update retention_rules r set (body_after, address_after) = (set_retention.body_after, set_retention.address_after)
     where r.category = set_retention.category returning * into rule;
    if not found then
        raise exception 'retention_is_set_for_a_category_of_jobs: "%" is none', set_retention.category using errcode = 'no_data_found',
            constraint = 'retention_is_set_for_a_category_of_jobs', hint = 'otp, alert, transactional or marketing.';
    end if;
    insert into privacy_events (what, subject, reason, detail)
    values ('retention set', rule.category, left(btrim(set_retention.reason), 1000), jsonb_build_object('body_after', rule.body_after, 'address_after', rule.address_after));
    return format('of a job of category %s the content is kept %s, the address %s', rule.category,
                  coalesce(rule.body_after || ' after its outcome', 'as long as the job'), coalesce(rule.address_after || ' after its outcome', 'as long as the job'));
end $$;
comment on function outrider.set_retention(text, interval, interval, text) is
    'Says how long after the outcome of a job of a category its content and its addresses are kept. Null is as long as the job. Holds for all jobs that have ended, too.';

-- ---------------------------------------------------------------------------------------------------------------
-- A job whose address or content was purged.

alter table outrider.jobs
    add column body_purged_at    timestamptz,
    add column address_purged_at timestamptz,
    drop constraint send_needs_a_channel_and_an_address,
    add constraint send_needs_a_channel_and_an_address
        check (kind <> 'send' or (channel is not null and (address is not null or address_purged_at is not null))) not valid,
    drop constraint notify_needs_a_ladder_and_a_phone_or_an_email,
    add constraint notify_needs_a_ladder_and_a_phone_or_an_email
        check (kind <> 'notify' or (ladder is not null and (phone is not null or email is not null or address_purged_at is not null))) not valid,
    drop constraint content_needs_a_body_or_a_template,
    add constraint content_needs_a_body_or_a_template check (body is not null or template is not null or body_purged_at is not null) not valid,
    drop constraint email_needs_a_subject_or_a_template,
    add constraint email_needs_a_subject_or_a_template
        check (channel <> 'email' or subject is not null or template is not null or body_purged_at is not null) not valid;
comment on table outrider.jobs is 'What was asked: one message (send) or one recipient and a ladder of channels (notify). Inserted by applications, never updated, but for what is purged once a job has ended.';
comment on column outrider.jobs.body_purged_at is 'When body, subject, data and media_urls were taken out.';
comment on column outrider.jobs.address_purged_at is 'When address, phone and email were taken out, and of metadata all but retry_of.';

create function outrider.purge_jobs(ids bigint[], of_body boolean, of_address boolean) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    purged integer;
begin
    if ids is null then
        return 0;
    end if;
    update jobs j
       set body = case when of_body then null else j.body end,
           subject = case when of_body then null else j.subject end,
           data = case when of_body then '{}' else j.data end,
           media_urls = case when of_body then '{}' else j.media_urls end,
           body_purged_at = case when of_body then coalesce(j.body_purged_at, clock_timestamp()) else j.body_purged_at end,
           address = case when of_address then null else j.address end,
           phone = case when of_address then null else j.phone end,
           email = case when of_address then null else j.email end,
           metadata = case when of_address then jsonb_strip_nulls(jsonb_build_object('retry_of', j.metadata -> 'retry_of')) else j.metadata end,
           address_purged_at = case when of_address then coalesce(j.address_purged_at, clock_timestamp()) else j.address_purged_at end
     where j.id = any (ids);
    get diagnostics purged = row_count;
    return purged;
end $$;
comment on function outrider.purge_jobs(bigint[], boolean, boolean) is 'Takes content, addresses or both out of these jobs. Returns how many there were.';

create function outrider.purge(at_most integer default 1000) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    present constant timestamptz := clock_timestamp();
    -- Every outcome until then is committed: outrider.tally() waits for that. The minute is for a clock that steps back a little.
    seen constant timestamptz := (select least(t.outcomes_until, present) - interval '1 minute' from tallying t);
    walk purge_walks;
    horizon timestamptz;
    upto timestamptz;
    wholes bigint[];
    bodies bigint[];
    addresses bigint[];
begin
    insert into purge_walks (after)
    select distinct u.after from retention_rules r cross join lateral unnest(array[r.body_after, r.address_after]) as u (after)
     where u.after is not null on conflict do nothing;
    delete from purge_walks w where not exists (select from retention_rules r where w.after in (r.body_after, r.address_after));
    -- The database's clock went back: what ends now ends before what ended.
    update purge_walks w set until = least(seen, present - w.after) where w.until > least(seen, present - w.after);
    select * into walk from purge_walks w where w.until < least(seen, present - w.after)
     order by w.looked_at nulls first, w.after limit 1 for update skip locked;
    if not found then
        return false;
    end if;
    horizon := least(seen, present - walk.after);
    -- What ended in one moment is purged together.
    upto := coalesce((select e.at from events e where e.kind = 'outcome' and e.at > walk.until and e.at <= horizon
                       order by e.at offset at_most - 1 limit 1), horizon);
    with ended as materialized (
        select e.job_id from events e where e.kind = 'outcome' and e.at > walk.until and e.at <= upto
    ), found as (
        select j.id, r.body_after <= walk.after and j.body_purged_at is null as body,
               r.address_after <= walk.after and j.address_purged_at is null as address
          from ended e
         cross join lateral (select id, category, body_purged_at, address_purged_at from jobs where id = e.job_id offset 0) j
          join retention_rules r on r.category = j.category
    )
    select array_agg(id) filter (where body and address), array_agg(id) filter (where body and address is not true),
           array_agg(id) filter (where address and body is not true) into wholes, bodies, addresses from found;
    perform outrider.purge_jobs(wholes, true, true), outrider.purge_jobs(bodies, true, false), outrider.purge_jobs(addresses, false, true);
    update purge_walks w set until = upto, looked_at = clock_timestamp() where w.after = walk.after;
    return upto < horizon
        or exists (select from purge_walks w where w.until < least(seen, present - w.after) and coalesce(w.looked_at, '-infinity') < present - interval '10 seconds');
end $$;
comment on function outrider.purge(integer) is
    'Purges a part of the jobs that have ended, by outrider.retention_rules, along the index of outcomes: nothing is read twice. Says whether there is more to do at once.';

create function outrider.retention_state() returns table (what text, subject text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select 'kept', r.category from retention_rules r where r.body_after is null or r.address_after is null
    union all
    select 'behind', justify_interval(date_trunc('minute', clock_timestamp() - w.after - greatest(w.until, coalesce(i.created_at, w.until))))::text
      from purge_walks w left join installation i on w.until = '-infinity'
     where greatest(w.until, coalesce(i.created_at, w.until)) < clock_timestamp() - w.after - interval '1 hour'
    order by 1, 2
$$;
comment on function outrider.retention_state() is 'Categories of which something is never purged, and by how much the purge is behind: for outrider doctor.';

-- ---------------------------------------------------------------------------------------------------------------
-- What people wrote.

create table outrider.inbound_purge (
    is_the_only_row boolean primary key default true,
    message_id      text not null default '',
    address         text not null default '',
    sender_address  text not null default '',
    look_at         timestamptz not null default clock_timestamp()
);
comment on table outrider.inbound_purge is 'How far the purge of what people wrote has come. One row, once a worker has begun; it goes through once a day.';

create function outrider.purge_inbound(at_most integer default 1000) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    oldest constant timestamptz := clock_timestamp() - interval '90 days';
    walk inbound_purge;
    messages text[];
    places record;
begin
    insert into inbound_purge default values on conflict do nothing;
    select * into walk from inbound_purge where look_at <= clock_timestamp() for update skip locked;
    if not found then
        return false;
    end if;
    messages := array(select provider_id from inbound_messages where provider_id > walk.message_id order by provider_id limit at_most);
    -- The row stays: by it a webhook that is repeated is known. So does a STOP or START, as evidence.
    update inbound_messages m set from_address = ''
     where m.provider_id = any (messages) and m.received_at < oldest and m.from_address <> '' and (m.keyword in ('stop', 'start')) is not true;
    with part as materialized (
        select w.address, w.sender_address, w.last_inbound_at from whatsapp_windows w
         where (w.address, w.sender_address) > (walk.address, walk.sender_address) order by w.address, w.sender_address limit at_most
    ), dropped as (
        delete from whatsapp_windows w using part p
         where w.address = p.address and w.sender_address = p.sender_address and p.last_inbound_at < oldest and w.last_inbound_at < oldest
    )
    select count(*) as count, max(array[p.address, p.sender_address]) as last into places from part p;
    update inbound_purge p
       set message_id = coalesce(messages[cardinality(messages)], p.message_id),
           address = coalesce(places.last[1], p.address), sender_address = coalesce(places.last[2], p.sender_address);
    if cardinality(messages) < at_most and places.count < at_most then
        update inbound_purge p set message_id = '', address = '', sender_address = '', look_at = clock_timestamp() + interval '1 day';
        return false;
    end if;
    return true;
end $$;
comment on function outrider.purge_inbound(integer) is
    'Takes out who wrote to us, 90 days after, of a part of the messages that are no STOP and no START, and WhatsApp windows as old. Says whether there is more to do at once.';

-- ---------------------------------------------------------------------------------------------------------------
-- What reads jobs that may have been purged.

create or replace function outrider.retry(job_id bigint) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(retry.job_id);
    new_id bigint;
begin
    if not exists (select from events e where e.job_id = job.id and generation = 0 and kind = 'outcome') then
        raise exception 'job % has not ended: it is still being worked on', job.id using
            errcode = 'object_not_in_prerequisite_state', hint = 'See outrider.timeline(id); a held job is decided with outrider.release_held.';
    end if;
    if job.body_purged_at is not null or job.address_purged_at is not null then
        raise exception 'job_must_not_be_purged: % of job % was purged', case when job.address_purged_at is not null then 'the address' else 'the content' end, job.id using
            errcode = 'object_not_in_prerequisite_state', constraint = 'job_must_not_be_purged', hint = 'Ask for the message with a new row in outrider.jobs.';
    end if;
    -- Jobs never change and end once, so trying again is a new job. Its key makes a second call return the first one's id.
    insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls,
                      locale, time_zone, wait_seconds, priority, idempotency_key, campaign, metadata)
    values (job.tenant, job.kind, job.category, job.channel, job.address, job.ladder, job.phone, job.email, job.body, job.subject,
            job.template, job.data, job.media_urls, job.locale, job.time_zone, job.wait_seconds, job.priority,
            'outrider.retry/' || job.id, job.campaign, job.metadata || jsonb_build_object('retry_of', job.id))
    returning id into new_id;
    return coalesce(new_id, (select k.job_id from idempotency_keys k where k.tenant = job.tenant and k.key = 'outrider.retry/' || job.id));
end $$;

create or replace function outrider.retry_part(for_load integer, by_holder uuid, part integer default 5000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    load campaign_loads;
    campaign campaigns;
    last_id bigint;
    looked integer;
    purged integer;
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
    ), whole as (
        select * from failed where body_purged_at is null and address_purged_at is null
    ), asked as (
        -- The key is the one of outrider.retry(): nobody is asked again twice, whoever does it.
        insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
                          time_zone, expires_at, wait_seconds, priority, idempotency_key, campaign, variant, wave, metadata)
        select tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
               time_zone, (select not_after from campaign_definitions d where d.campaign_id = campaign.id), wait_seconds, priority,
               'outrider.retry/' || id, f.campaign, variant, load.wave, metadata || jsonb_build_object('retry_of', id)
          from whole f order by id
    )
    select max(id), count(*), (select count(*) from failed) - (select count(*) from whole) into last_id, looked, purged from looked_at;
    update campaign_loads set next_id = coalesce(last_id, next_id), read = read + looked, refused = refused + purged, beat_at = clock_timestamp() where id = for_load;
    return looked;
end $$;

create or replace function outrider.timeline(job_id bigint)
    returns table (at timestamptz, attempt integer, step integer, channel text, event text, detail text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(timeline.job_id);
begin
    return query select * from (
    select job.created_at as at, 0 as attempt, null::integer as step, job.channel as channel, 'asked'::text as event,
           case job.kind when 'notify' then 'notify by ladder ' || job.ladder else 'send by ' || job.channel end
           || ', category ' || job.category || coalesce(', not before ' || to_char(job.run_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')
           as detail
    union all
    select e.at, e.generation, e.step::integer, e.channel,
           case e.kind when 'next' then 'then' when 'outcome' then 'ended' else e.kind end
           || ': ' || case when e.kind in ('next', 'deferred', 'outcome') then coalesce(e.code, e.status) when e.kind = 'intent' then 'about to send' else e.status end,
           concat_ws('; ', e.reason,
                case when e.kind not in ('next', 'deferred', 'outcome') then 'code ' || e.code end,
                -- A code stands in one table: a word of a call, or a number, or SendGrid's.
                (select c.meaning from error_codes c
                  where c.code = e.code and e.class is not null
                    and c.provider = any (case e.channel when 'email' then array['sendgrid']
                                                         else array['twilio', 'twilio-voice'] end)
                  order by c.provider limit 1),
                case when e.kind not in ('outcome') then 'class ' || e.class end,
                (select s.name from senders s where s.id = e.sender_id), e.provider_id)
      from events e where e.job_id = job.id
    union all
    select p.at, 0, null, null, 'purged', p.what || ' purged on ' || to_char(p.at at time zone 'UTC', 'YYYY-MM-DD')
      from (values (job.body_purged_at, 'content'), (job.address_purged_at, 'address')) as p (at, what) where p.at is not null) t
     -- The outcome is about the whole job, so of one millisecond, which is what a reader is shown, it comes last.
     order by date_trunc('milliseconds', t.at), (t.event like 'ended:%'), t.attempt, t.at;
end $$;

create or replace function outrider.suppression_words(job outrider.jobs, channel text, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.one_spelling(outrider.address_on(suppression_words.channel, job.address, job.phone, job.email));
    found_one record;
    said record;
begin
    if job.address_purged_at is not null then
        meaning := format('the person had opted out of %s; the address was purged since', channel);
        return;
    end if;
    -- By its name: where suppressions have no category, each is of all.
    select s.reason, s.created_at into found_one from suppressions s
     where s.address = known and s.channel = suppression_words.channel and s.tenant in ('', job.tenant) and s.lifted_at is null
       and coalesce(to_jsonb(s) ->> 'category', '') in ('', job.category)
     order by s.reason = 'stop' desc, s.created_at limit 1;
    if not found then
        meaning := format('%s had opted out of %s, and that was lifted since', outrider.address_shape(known), channel);
        remedy := '`select outrider.retry({job})` asks for the same again';
        return;
    end if;
    -- What an operator wrote as the reason is not shown.
    said := outrider.explained('suppression', coalesce((select e.word from explanations e
                where e.topic = 'suppression' and e.word = split_part(found_one.reason, ' ', 1)), 'operator'));
    meaning := format('%s opted out of %s at %s (%s)', outrider.address_shape(known), channel, outrider.shown_at(found_one.created_at), said.meaning);
    remedy := said.remedy;
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on outrider.privacy_events, outrider.retention_rules, outrider.purge_walks, outrider.inbound_purge from public;
revoke all on function outrider.refuse_privacy_change(), outrider.walk_anew(), outrider.take_restored_retention(),
    outrider.set_retention(text, interval, interval, text), outrider.purge_jobs(bigint[], boolean, boolean), outrider.purge(integer),
    outrider.retention_state(), outrider.purge_inbound(integer) from public;
grant select on outrider.privacy_events to outrider_operator;
grant select on outrider.retention_rules to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.purge_walks, outrider.inbound_purge to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.purge(integer), outrider.purge_inbound(integer) to outrider_worker;
grant execute on function outrider.retention_state() to outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.set_retention(text, interval, interval, text) to outrider_operator;
