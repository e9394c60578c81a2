-- What a provider's refusal means, whom it concerns, and what people have agreed to.
--
-- Every lock here is short: no table of jobs, due rows or events is locked, and nothing is rewritten.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- Classes. What an operator has corrected stays as the operator left it.

alter table outrider.error_codes drop constraint error_class_must_be_known;
alter table outrider.error_codes add constraint error_class_must_be_known check (class in (
    'transient', 'uncertain', 'unreachable', 'invalid_address', 'landline', 'filtered', 'blocked', 'opted_out',
    'channel_opted_out', 'window_closed', 'expired', 'rate_limited', 'quiet_hours', 'configuration', 'credentials',
    'wrong_sender', 'unregistered', 'unroutable', 'fraud_block', 'content', 'no_answer', 'unknown'));

-- Choices that are not plain from the documents:
--   20422, 20423, 30400   content: what is not valid comes from one job, and the next may be in order
--   12100 to 12200        content: the TwiML of a call is made of what its job says
--   30101 to 30120        content: only a text with a shortened link needs the link's domain
--   21703                 wrong_sender: the service has numbers, but none for this recipient. Without any it is 21704
--   30032 to 30035        unregistered: only for recipients in the US and Canada
--   30008, 30500, 63023   uncertain: no reason that rules out that it arrived
--   30047                 quiet_hours: no permitted hour was found, so the recipient's hours stand against it
--   63014                 channel_opted_out: a block in one app says nothing of text messages
update outrider.error_codes e set class = n.class
  from (values
    ('twilio', 'configuration', 'credentials',
     '{20003,20005,20006,20008,20010,20403,21470,21471,21472,30002,30037}'::text[]),
    ('sendgrid', 'configuration', 'credentials', '{http_401}'),
    ('twilio', 'configuration', 'wrong_sender', '{21606,21659,21703,30042}'),
    ('twilio', 'unroutable', 'wrong_sender', '{21612,30018,30024,30040,30041}'),
    ('twilio', 'configuration', 'unregistered', '{21717,21719,21720,21729,21731,30032,30033,30034,30035}'),
    ('twilio', 'configuration', 'content', '{12100,12101,12102,12200,20422,20423,30101,30102,30106,30107,30120,30400}'),
    ('twilio', 'transient', 'uncertain', '{30008,30500,63023}'),
    ('twilio', 'rate_limited', 'quiet_hours', '{30610}'),
    ('twilio', 'transient', 'quiet_hours', '{30047}'),
    ('twilio', 'filtered', 'blocked', '{30004}'),
    ('twilio', 'opted_out', 'channel_opted_out', '{63014,63033}')
  ) as n (provider, was, class, codes)
 where e.provider = n.provider and e.code = any (n.codes) and e.class = n.was;
update outrider.error_codes set retry_after_seconds = 3600
 where provider = 'twilio' and code = '30047' and retry_after_seconds is null;

-- ---------------------------------------------------------------------------------------------------------------
-- A sender is stopped after several refusals in a row, not after one.

alter table outrider.senders add column refused_jobs bigint[] not null default '{}';
comment on column outrider.senders.refused_jobs is 'The jobs that met a refusal of this sender since something of it last got through, at most 100. Enough of them pause it.';

create function outrider.sender_refused(
    for_sender_id integer, for_job bigint, why text, needed integer, seconds double precision) returns boolean
    language plpgsql volatile set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if why is null then
        return false;
    end if;
    -- One that is paused already is not written again by each of the thousand answers that say the same.
    update senders set refused_jobs = refused_jobs || for_job
     where id = for_sender_id and for_job <> all (refused_jobs) and cardinality(refused_jobs) < 100
       and (paused_until is null or paused_until < clock_timestamp());
    update senders set paused_until = clock_timestamp() + make_interval(secs => seconds), paused_reason = why
     where id = for_sender_id and cardinality(refused_jobs) >= needed
       and (paused_until is null or paused_until < clock_timestamp() + make_interval(secs => seconds / 2));
    return found;
end $$;
comment on function outrider.sender_refused(integer, bigint, text, integer, double precision) is
    'Notes that the provider refused a job''s sender, and stops its sends for a while once this many jobs met that. Says whether it was stopped now; without a reason nothing is done.';

create function outrider.senders_got_through(sender_ids integer[]) returns integer
    language plpgsql volatile set search_path = pg_catalog, outrider, pg_temp as $$
declare
    cleared integer;
begin
    update senders set refused_jobs = '{}' where refused_jobs <> '{}' and id = any (sender_ids);
    get diagnostics cleared = row_count;
    return cleared;
end $$;
comment on function outrider.senders_got_through(integer[]) is 'Forgets the refusals of senders of which something has got through. Returns how many had any.';

create or replace function outrider.send_lane(job_id bigint, for_ladder_id integer, step integer) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job jobs;
    step_channel text;
    places integer[];
    refused integer[];
begin
    select * into job from jobs where id = send_lane.job_id;
    step_channel := coalesce((select s.channel from ladder_steps s where s.ladder_id = for_ladder_id and s.position = send_lane.step),
                             job.channel);
    places := outrider.send_lanes(job.tenant, step_channel, outrider.job_priority(job.category, job.priority), job.campaign);
    select array_agg(distinct e.sender_id) into refused from events e
     where e.job_id = send_lane.job_id and e.class in ('wrong_sender', 'unregistered') and e.sender_id is not null;
    if refused is not null then
        places := coalesce(
            (select array_agg(l.id order by l.id) from outrider.lanes l where l.id = any (places) and l.sender_id <> all (refused)),
            array[8 + outrider.job_priority(job.category, job.priority)]);
    end if;
    return outrider.pick_lane(places, outrider.address_on(step_channel, job.address, job.phone, job.email));
end $$;
comment on function outrider.send_lane(bigint, integer, integer) is
    'Where a send of this job and step stands: the one place that says it for retries, next steps, other senders and rescues. Not with a sender that the provider refused for this recipient. Inserts do the same for many rows at once.';

-- ---------------------------------------------------------------------------------------------------------------
-- One person has one number, however a provider spells it.

create function outrider.one_spelling(address text) returns text
    language sql immutable parallel safe as $$
    -- One expression, so that it is inlined. Its texts are read alike whatever standard_conforming_strings says.
    select case left(address, 3)
        when '+55' then regexp_replace(address, E'^[+]55([1-9][0-9])([6-9][0-9]{7})$', E'+55\\19\\2')
        when '+52' then regexp_replace(address, E'^[+]521([0-9]{10})$', E'+52\\1')
        when '+54' then regexp_replace(address, E'^[+]549([0-9]{10})$', E'+54\\1')
        else case when strpos(address, '@') > 0 then outrider.folded(address) else address end end
$$;
comment on function outrider.one_spelling(text) is
    'The one spelling of a phone number that has several: WhatsApp leaves out the 9 of Brazilian mobiles, and has a 1 in Mexican numbers and a 9 in Argentine ones. All else is as it was.';

-- What was stored in another spelling counts in this one from now on. The old rows stay as history.
insert into outrider.suppressions (tenant, address, channel, reason, source, created_at)
select tenant, outrider.one_spelling(address), channel, reason, source, created_at
  from outrider.suppressions
 where lifted_at is null and left(address, 3) in ('+52', '+54', '+55') and address <> outrider.one_spelling(address)
on conflict do nothing;
insert into outrider.whatsapp_windows (address, sender_address, last_inbound_at)
select outrider.one_spelling(address), sender_address, max(last_inbound_at)
  from outrider.whatsapp_windows
 where left(address, 3) in ('+52', '+54', '+55') and address <> outrider.one_spelling(address)
 group by 1, 2
on conflict (address, sender_address)
do update set last_inbound_at = greatest(whatsapp_windows.last_inbound_at, excluded.last_inbound_at);
update outrider.inbound_messages set from_address = outrider.one_spelling(from_address)
 where left(from_address, 3) in ('+52', '+54', '+55') and from_address <> outrider.one_spelling(from_address);

-- Each reason stands by itself. Who takes back an unsubscription of one group, or writes START, lifts what that had closed; a
-- complaint, a bounce or an operator's word beside it stays in force.
create unique index suppressions_in_force_by_reason on outrider.suppressions (address, channel, tenant, reason) where lifted_at is null;
drop index outrider.suppressions_in_force;
alter index outrider.suppressions_in_force_by_reason rename to suppressions_in_force;

create or replace function outrider.suppress(address text, channels text[] default null, reason text default 'operator') returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
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
    insert into suppressions (address, channel, reason, source)
    select outrider.one_spelling(suppress.address), c, suppress.reason, 'operator ' || session_user from unnest(channels) c
    on conflict do nothing;
    get diagnostics added = row_count;
    return added;
end $$;
comment on function outrider.suppress(text, text[], text) is 'Stops all contact with a number or an e-mail address, on these channels or, when left out, on all that reach it. Returns how many were new.';

create or replace function outrider.lift_suppression(address text, channels text[] default outrider.phone_channels() || 'email'::text) returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    lifted integer;
begin
    update suppressions s set lifted_at = clock_timestamp()
     where s.address = outrider.one_spelling(lift_suppression.address) and s.channel = any (channels) and lifted_at is null;
    get diagnostics lifted = row_count;
    return lifted;
end $$;
comment on function outrider.lift_suppression(text, text[]) is 'Allows contact again. Returns how many suppressions were in force.';

-- A mail goes to the address as it was written; only comparing folds it.
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
                    where p.address = outrider.one_spelling(c.address) and p.channel = c.channel and p.tenant in ('', j.tenant) and p.lifted_at is null offset 0),
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
comment on function outrider.job_facts(bigint, integer, smallint, integer, text, integer, integer[]) is
    'What the rules need to know of a job, in one snapshot: what was asked, to whom, by whom, and what has happened so far.';

-- ---------------------------------------------------------------------------------------------------------------
-- What people have agreed to.

create table outrider.consents (
    id         bigint generated always as identity primary key,
    tenant     text not null default outrider.current_tenant(),
    address    text not null,
    channel    text not null,
    category   text not null,
    text_shown text not null,
    source     text not null,
    at         timestamptz not null default clock_timestamp(),
    constraint consent_address_must_be_e164_or_an_email_address
        check (address collate "C" ~ '^([+][1-9][0-9]{6,14}|[^@[:space:]]+@[^@[:space:]]+)$' and length(address) <= 254),
    constraint consent_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint consent_category_must_be_otp_alert_transactional_or_marketing
        check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint consent_needs_the_text_that_was_shown check (btrim(text_shown) <> '' and length(text_shown) <= 10000),
    constraint consent_needs_a_source check (btrim(source) <> '' and length(source) <= 200)
);
comment on table outrider.consents is 'Who agreed to which messages, by which words, when. Evidence: rows are only added. Marketing calls nobody who is not here.';
comment on column outrider.consents.address is 'In the one spelling of outrider.one_spelling; an e-mail address in lower case.';
comment on column outrider.consents.text_shown is 'The words that the person agreed to.';
comment on column outrider.consents.source is 'Where the person agreed: a form, a call, a contract.';
create index consents_by_address on outrider.consents (address, channel, category);

create function outrider.add_consent(
    address text, channel text, category text, text_shown text, source text, at timestamptz default clock_timestamp(),
    tenant text default outrider.current_tenant()) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    added bigint;
begin
    perform outrider.check_tenant(add_consent.tenant);
    insert into consents (tenant, address, channel, category, text_shown, source, at)
    values (add_consent.tenant, outrider.one_spelling(add_consent.address), add_consent.channel, add_consent.category,
            add_consent.text_shown, add_consent.source, coalesce(add_consent.at, clock_timestamp()))
    returning id into added;
    return added;
end $$;
comment on function outrider.add_consent(text, text, text, text, text, timestamptz, text) is
    'Puts on record that a person agreed to messages of a category on a channel. Returns the number of the record.';

create function outrider.refuse_consent_change() returns trigger language plpgsql as $$
begin
    raise exception 'a consent on record never changes' using
        errcode = 'restrict_violation', hint = 'A person who wants no more messages is suppressed: outrider.suppress.';
end $$;
comment on function outrider.refuse_consent_change() is 'Keeps the evidence of consents as it is.';
create trigger consents_never_change before update or delete or truncate on outrider.consents
    for each statement execute function outrider.refuse_consent_change();

-- ---------------------------------------------------------------------------------------------------------------
-- What an application may do.

create or replace function outrider.cancel(job_id bigint) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(cancel.job_id);
    ended text;
    begun integer;
    priority constant integer := outrider.job_priority(job.category, job.priority);
begin
    insert into events (job_id, generation, kind, status, code, reason)
    values (job.id, 0, 'outcome', 'ended', 'canceled', 'canceled by ' || session_user)
    on conflict do nothing;
    if not found then
        select code into ended from events e where e.job_id = job.id and generation = 0 and kind = 'outcome';
        return 'already ended: ' || ended;
    end if;
    -- A worker ends the call that the provider has queued or rings, and looks again while a request is on its way.
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), job.id, outrider.look_lane('decide', priority, e.channel), 'decide', e.step, e.generation, e.ladder_id
      from events e where e.job_id = job.id and e.kind = 'intent' order by e.generation desc limit 1;
    if found then
        perform outrider.announce(least(priority, 1));
    end if;
    select count(*) into begun from events e where e.job_id = job.id and kind = 'intent';
    return case when begun = 0 then 'canceled before anything was sent'
                else format('canceled after %s attempt(s); a call that is not answered yet is ended, what else a provider has taken may still arrive', begun) end;
end $$;
comment on function outrider.cancel(bigint) is 'Ends a job: nothing more is sent, and a call that the provider has queued or rings is ended. Says whether anything had been sent already.';

create or replace function outrider.announce(priority integer) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    present constant bigint := extract(epoch from clock_timestamp()) * 1000;
    last_time bigint;
begin
    -- A hint only; polling is the truth. Commits that notify queue behind each other, so a few in a second are enough.
    if priority is null then
        return;
    elsif current_setting('max_prepared_transactions') <> '0' then
        return;  -- PostgreSQL prepares no transaction that has notified; workers look four times a second anyway.
    elsif priority <= 1 then
        -- Once in a transaction: its notification comes with its commit. One that stays open and goes on inserting would
        -- else take the turn of everybody who commits meanwhile.
        if current_setting('outrider.has_announced_urgently', true) = 'yes' then return; end if;
        select last_value into last_time from announced_urgently_at;
        if last_time between present - 2 and present then return; end if;
        perform setval('announced_urgently_at', present);
        perform set_config('outrider.has_announced_urgently', 'yes', true);
    else
        if current_setting('outrider.has_announced', true) = 'yes' then return; end if;
        select last_value into last_time from announced_at;
        if last_time between present - 50 and present then return; end if;
        perform setval('announced_at', present);
        perform set_config('outrider.has_announced', 'yes', true);
    end if;
    perform pg_notify('outrider_due', '');
end $$;
comment on function outrider.announce(integer) is 'Tells the workers that something may be due, when the transaction commits. Nothing but how soon they look hangs on it.';

-- ---------------------------------------------------------------------------------------------------------------
-- Rights.

revoke all on outrider.consents from public;
revoke all on function outrider.sender_refused(integer, bigint, text, integer, double precision),
    outrider.senders_got_through(integer[]), outrider.one_spelling(text),
    outrider.add_consent(text, text, text, text, text, timestamptz, text), outrider.refuse_consent_change() from public;
grant execute on function outrider.one_spelling(text) to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant update (refused_jobs) on outrider.senders to outrider_worker, outrider_gateway;
grant execute on function outrider.sender_refused(integer, bigint, text, integer, double precision),
    outrider.senders_got_through(integer[]) to outrider_worker, outrider_gateway;
grant select on outrider.consents to outrider_worker, outrider_operator;
grant execute on function outrider.add_consent(text, text, text, text, text, timestamptz, text) to outrider_app, outrider_operator;
grant execute on function outrider.sender_refused(integer, bigint, text, integer, double precision),
    outrider.senders_got_through(integer[]), outrider.refuse_consent_change() to outrider_operator;
