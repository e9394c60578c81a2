-- What happens when a job is inserted, and every change of state a person or an application may make.

create function outrider.sender_ids(for_tenant text, for_channel text) returns integer[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with candidates as (
        select id, enabled, tenant is not null as is_own from senders
         where channel = for_channel and (tenant = for_tenant or tenant is null)
    ), ranked as (
        select id, rank() over (order by enabled desc, is_own desc) as place from candidates
    )
    select coalesce(array_agg(id order by id), '{}') from ranked where place = 1
$$;
comment on function outrider.sender_ids(text, text) is
    'The senders that serve a tenant on a channel: its own, else the shared ones. Where all are disabled, those: their sends wait.';

create function outrider.make_lanes() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    insert into lanes (purpose, priority, sender_id, tenant)
    select 'send', priority, s.id, t.tenant
      from senders s
      cross join generate_series(0, 3) as priority
      cross join lateral (select null::text as tenant
                          union select r.tenant from tenant_roles r where s.tenant is null) t
     order by s.id, priority, t.tenant
    on conflict do nothing;
    return null;
end $$;
comment on function outrider.make_lanes() is
    'Gives every sender a lane for each priority, and a shared one another for each tenant with a login, so that tenants take turns.';

create trigger senders_have_lanes after insert on outrider.senders for each statement execute function outrider.make_lanes();
create trigger tenants_have_lanes after insert on outrider.tenant_roles for each statement execute function outrider.make_lanes();

create function outrider.send_lanes(for_tenant text, for_channel text, for_priority integer, for_campaign text) returns integer[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    senders constant integer[] := outrider.sender_ids(for_tenant, for_channel);
    campaign constant integer := case when for_campaign is not null then outrider.campaign_id(for_tenant, for_campaign) end;
begin
    if cardinality(senders) = 0 then
        return array[8 + for_priority];
    elsif campaign is not null then
        return outrider.campaign_lanes(senders, for_tenant, for_priority, campaign);
    end if;
    return (select array_agg(l.id order by s.n)
              from unnest(senders) with ordinality as s (id, n)
              cross join lateral (
                   select id from lanes where purpose = 'send' and priority = for_priority and sender_id = s.id
                      and campaign_id is null and (tenant = for_tenant or tenant is null)
                    order by tenant nulls last limit 1) l);
end $$;
comment on function outrider.send_lanes(text, text, integer, text) is
    'The lanes of a tenant''s sends of one priority and campaign, one for each sender that serves it.';

create function outrider.campaign_lanes(senders integer[], for_tenant text, for_priority integer, for_campaign_id integer)
    returns integer[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_lanes integer[];
begin
    for attempt in 1 .. 2 loop
        select array_agg(l.id order by s.n) into found_lanes
          from unnest(senders) with ordinality as s (id, n)
          join lanes l on l.purpose = 'send' and l.priority = for_priority and l.sender_id = s.id and l.tenant = for_tenant
           and l.campaign_id = for_campaign_id;
        exit when cardinality(found_lanes) = cardinality(senders);
        insert into lanes (purpose, priority, sender_id, tenant, campaign_id)
        select 'send', for_priority, id, for_tenant, for_campaign_id from unnest(senders) as id order by id
        on conflict do nothing;
    end loop;
    return found_lanes;
end $$;
comment on function outrider.campaign_lanes(integer[], text, integer, integer) is 'A campaign''s own lanes, one for each sender; made when they are missing.';

create function outrider.pick_lane(lanes integer[], address text) returns integer
    language sql immutable parallel safe as $$
    -- By address, so that one person always hears from the same number.
    select lanes[1 + (hashtext(coalesce(address, '')) & 2147483647) % cardinality(lanes)]
$$;
comment on function outrider.pick_lane(integer[], text) is 'The same lane, and so the same sender, for the same address.';

create function outrider.look_lane(reason text, priority integer, channel text) returns integer
    language sql immutable parallel safe as $$
    select case when reason not in ('receipt', 'reconcile') then 0 when channel = 'email' then 12 else 4 end + priority
$$;
comment on function outrider.look_lane(text, integer, text) is
    'The lane of a look that sends nothing. Those that may have to ask a provider stand before nobody who decides at once or asks another.';

create function outrider.campaign_id(for_tenant text, campaign_name text) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_id integer;
begin
    select id into found_id from campaigns where tenant = for_tenant and name = campaign_name;
    if found_id is null then
        insert into campaigns (tenant, name) values (for_tenant, campaign_name) on conflict do nothing;
        select id into found_id from campaigns where tenant = for_tenant and name = campaign_name;
    end if;
    return found_id;
end $$;
comment on function outrider.campaign_id(text, text) is 'The id of a tenant''s campaign, made when it is missing.';

create function outrider.send_lane(job_id bigint, for_ladder_id integer, step integer) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job jobs;
    step_channel text;
begin
    select * into job from jobs where id = send_lane.job_id;
    step_channel := coalesce((select s.channel from ladder_steps s where s.ladder_id = for_ladder_id and s.position = send_lane.step),
                             job.channel);
    return outrider.pick_lane(
        outrider.send_lanes(job.tenant, step_channel, outrider.job_priority(job.category, job.priority), job.campaign),
        outrider.address_on(step_channel, job.address, job.phone, job.email));
end $$;
comment on function outrider.send_lane(bigint, integer, integer) is
    'Where a send of this job and step stands: the one place that says it for retries, next steps, other senders and rescues. Inserts do the same for many rows at once.';

create function outrider.current_ladder(ladder_name text) returns integer
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select id from ladders where name = ladder_name order by version desc limit 1
$$;
comment on function outrider.current_ladder(text) is 'The newest version of a ladder; null when there is none of that name.';

create function outrider.pause_sender(for_sender_id integer, why text, seconds double precision) returns boolean
    language plpgsql volatile set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if why is null then
        return false;
    end if;
    -- One that is paused already is not written again by each of the thousand answers that say the same.
    update senders set paused_until = clock_timestamp() + make_interval(secs => seconds), paused_reason = why
     where id = for_sender_id
       and (paused_until is null or paused_until < clock_timestamp() + make_interval(secs => seconds / 2));
    return found;
end $$;
comment on function outrider.pause_sender(integer, text, double precision) is
    'Stops sends by a sender that the provider refuses, for a while. Says whether it was running; without a reason nothing is done.';

create function outrider.send_cost(job_id bigint) returns smallint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select least(outrider.segments(body), 100)::smallint from jobs where id = send_cost.job_id
$$;
comment on function outrider.send_cost(bigint) is 'What a text of this job costs of its sender''s rate, as far as is known before it is rendered.';

-- ---------------------------------------------------------------------------------------------------------------
-- Insert.

create function outrider.check_tenant(asked_tenant text) returns void language plpgsql stable as $$
begin
    if asked_tenant <> outrider.current_tenant() and not pg_has_role(session_user, 'outrider_operator', 'member') then
        raise exception 'tenant_must_be_your_own' using
            errcode = 'insufficient_privilege',
            hint = 'Leave tenant out, or ask an operator to map this login in outrider.tenant_roles.';
    end if;
end $$;
comment on function outrider.check_tenant(text) is 'Refuses a tenant that the login may not ask for.';

create function outrider.refuse_known_key() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- First, or the answer would tell which keys another tenant has used.
    perform outrider.check_tenant(new.tenant);
    insert into idempotency_keys (tenant, key, job_id) values (new.tenant, new.idempotency_key, new.id)
    on conflict do nothing;
    if found then
        return new;
    end if;
    return null;
end $$;
comment on function outrider.refuse_known_key() is 'Makes a repeated insert with the same idempotency key a no-op.';

create trigger jobs_idempotency before insert on outrider.jobs
    for each row when (new.idempotency_key is not null) execute function outrider.refuse_known_key();

create sequence outrider.announced_at minvalue 0 start 0;
create sequence outrider.announced_urgently_at minvalue 0 start 0;
comment on sequence outrider.announced_at is 'When work was announced last, in milliseconds. A sequence, because it is seen before its transaction commits and locks nobody.';
comment on sequence outrider.announced_urgently_at is 'The same for work of priority 0 and 1.';

create function outrider.announce(priority integer) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    present constant bigint := extract(epoch from clock_timestamp()) * 1000;
    last_time bigint;
begin
    -- A hint only; polling is the truth. Commits that notify queue behind each other, so a few in a second are enough.
    if priority is null then
        return;
    elsif priority <= 1 then
        select last_value into last_time from announced_urgently_at;
        if last_time between present - 2 and present then return; end if;
        perform setval('announced_urgently_at', present);
    else
        select last_value into last_time from announced_at;
        if last_time between present - 50 and present then return; end if;
        perform setval('announced_at', present);
    end if;
    perform pg_notify('outrider_due', '');
end $$;
comment on function outrider.announce(integer) is 'Tells the workers that something may be due, when the transaction commits. Nothing but how soon they look hangs on it.';

create function outrider.route(
    for_tenant text, asked_channel text, asked_ladder text, asked_template text, priority integer, campaign text,
    out ladder_id integer, out channel text, out lanes integer[])
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform outrider.check_tenant(for_tenant);
    ladder_id := outrider.current_ladder(asked_ladder);
    if asked_ladder is not null and ladder_id is null then
        raise exception 'ladder_must_exist: there is no ladder "%"', left(asked_ladder, 63) using
            errcode = 'foreign_key_violation',
            hint = 'Use one of outrider.ladders (standard, urgent, whatsapp_first), or save it with outrider.save_ladder.';
    end if;
    if asked_template is not null and not exists (
        select from templates t where t.name = asked_template and t.tenant in ('', for_tenant)
           and (asked_channel is null or t.channel = asked_channel)) then
        raise exception 'template_must_exist: there is no template "%" for this channel', left(asked_template, 100) using
            errcode = 'foreign_key_violation',
            hint = 'Insert it into outrider.templates first.';
    end if;
    channel := coalesce(asked_channel,
                        (select s.channel from ladder_steps s where s.ladder_id = route.ladder_id and s.position = 0));
    lanes := outrider.send_lanes(for_tenant, channel, priority, campaign);
end $$;
comment on function outrider.route(text, text, text, text, integer, text) is
    'How jobs asked for in this way begin: ladder version, first channel, lanes. Refuses a tenant, ladder or template that does not exist.';

create function outrider.add_due_rows() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    -- After the rows are in, never now(): a worker's watermark relies on it.
    inserted_at timestamptz := clock_timestamp();
begin
    -- Routes are found once per distinct way of asking, not once per row.
    with asked as materialized (
        select distinct coalesce(tenant, '') as tenant, coalesce(channel, '') as channel, coalesce(ladder, '') as ladder,
               coalesce(template, '') as template, outrider.job_priority(category, priority) as priority,
               coalesce(campaign, '') as campaign from new_jobs
    ), routes as materialized (
        select a.*, r.ladder_id, r.channel as first_channel, r.lanes
          from asked a
          cross join lateral outrider.route(a.tenant, nullif(a.channel, ''), nullif(a.ladder, ''), nullif(a.template, ''),
                                            a.priority, nullif(a.campaign, '')) r
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select greatest(j.run_at, inserted_at), j.id,
           outrider.pick_lane(r.lanes, outrider.address_on(r.first_channel, j.address, j.phone, j.email)),
           'dispatch', 0, 1, r.ladder_id,
           case when r.first_channel = 'sms' then least(outrider.segments(j.body), 100) else 1 end
      from new_jobs j
      join routes r on r.tenant = j.tenant and r.channel = coalesce(j.channel, '')
                   and r.ladder = coalesce(j.ladder, '') and r.template = coalesce(j.template, '')
                   and r.priority = outrider.job_priority(j.category, j.priority) and r.campaign = coalesce(j.campaign, '');

    perform outrider.announce((select min(outrider.job_priority(category, priority)) from new_jobs));
    return null;
end $$;
comment on function outrider.add_due_rows() is 'Gives every inserted job its first due row, and refuses a tenant, ladder or template that does not exist. Once per statement, so bulk inserts stay fast.';

create trigger jobs_due after insert on outrider.jobs
    referencing new table as new_jobs for each statement execute function outrider.add_due_rows();

-- ---------------------------------------------------------------------------------------------------------------
-- Ladders.

create function outrider.check_ladder(checked_id integer) returns void
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    ladder_name text := (select name from ladders where id = checked_id);
    steps integer;
    gap integer;
begin
    select count(*), max(position) - count(*) + 1 into steps, gap from ladder_steps where ladder_id = checked_id;
    if steps = 0 then
        raise exception 'ladder "%" has no step', ladder_name using errcode = 'check_violation',
            hint = 'Insert its outrider.ladder_steps in the same transaction, or use outrider.save_ladder.';
    elsif gap <> 0 then
        raise exception 'ladder "%" must number its steps 0, 1, 2, … without a gap', ladder_name using errcode = 'check_violation';
    elsif steps > 10 then
        raise exception 'ladder "%" has % steps; 10 is the most', ladder_name, steps using errcode = 'check_violation';
    end if;
    if exists (select from ladder_steps where ladder_id = checked_id and channel = 'voice' and wait_seconds < 15) then
        raise exception 'ladder "%": a voice step must wait at least 15 seconds, or nobody can reach the phone', ladder_name
            using errcode = 'check_violation';
    end if;
    if exists (select from ladder_steps where ladder_id = checked_id and channel = 'whatsapp' and wait_seconds > 14400) then
        raise exception 'ladder "%": a whatsapp step may wait at most 14400 seconds, the provider''s own queue', ladder_name
            using errcode = 'check_violation';
    end if;
    if exists (select from ladder_steps a join ladder_steps b on b.ladder_id = a.ladder_id and b.position = a.position + 1
                where a.ladder_id = checked_id and a.success = 'accepted') then
        raise exception 'ladder "%": a step whose success is "accepted" must be the last one, or the steps after it are never reached', ladder_name
            using errcode = 'check_violation';
    end if;
    if exists (select from ladder_steps where ladder_id = checked_id and position = steps - 1 and on_unknown = 'next') then
        raise exception 'ladder "%": the last step has no next one to go on to when a send is unknown; use resend, hold or end', ladder_name
            using errcode = 'check_violation';
    end if;
end $$;
comment on function outrider.check_ladder(integer) is 'Refuses a ladder that cannot work, saying why.';

create function outrider.check_ladder_at_commit() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if tg_table_name = 'ladders' then
        perform outrider.check_ladder(new.id);
    else
        perform outrider.check_ladder(new.ladder_id);
    end if;
    return null;
end $$;
comment on function outrider.check_ladder_at_commit() is 'Runs check_ladder when the transaction that wrote a ladder or a step commits.';

create constraint trigger ladders_must_work after insert on outrider.ladders
    deferrable initially deferred for each row execute function outrider.check_ladder_at_commit();
create constraint trigger ladder_steps_must_work after insert on outrider.ladder_steps
    deferrable initially deferred for each row execute function outrider.check_ladder_at_commit();

create function outrider.refuse_ladder_change() returns trigger language plpgsql as $$
begin
    raise exception 'a saved ladder version never changes: running jobs keep it' using
        errcode = 'restrict_violation', hint = 'Save a new version with outrider.save_ladder.';
end $$;
comment on function outrider.refuse_ladder_change() is 'Keeps saved ladder versions as they are.';

create trigger ladders_never_change before update or delete on outrider.ladders
    for each row execute function outrider.refuse_ladder_change();
create trigger ladder_steps_never_change before update or delete on outrider.ladder_steps
    for each row execute function outrider.refuse_ladder_change();
create function outrider.refuse_late_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if exists (select from due where ladder_id = new.ladder_id limit 1)
       or exists (select from ladders where id = new.ladder_id and created_at < transaction_timestamp()) then
        raise exception 'a saved ladder version never changes: running jobs keep it' using
            errcode = 'restrict_violation', hint = 'Save a new version with outrider.save_ladder.';
    end if;
    return new;
end $$;
comment on function outrider.refuse_late_step() is 'A step may be added only in the transaction that made its ladder version.';
create trigger ladder_steps_come_with_their_ladder before insert on outrider.ladder_steps
    for each row execute function outrider.refuse_late_step();

create function outrider.next_ladder_version(ladder_name text) returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    lock table ladders in share row exclusive mode;  -- Two who save at once take two versions.
    return coalesce((select max(version) from ladders where name = ladder_name), 0) + 1;
end $$;
comment on function outrider.next_ladder_version(text) is
    'The version that a ladder saved now gets. Until this transaction ends nobody else saves one.';

create function outrider.save_ladder(ladder_name text, steps jsonb, description text default null) returns integer
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
declare
    saved_id integer;
    saved_version integer;
begin
    if jsonb_typeof(steps) is distinct from 'array' then
        raise exception 'steps must be a JSON array of {"channel", "wait_seconds", …}' using errcode = 'invalid_parameter_value';
    end if;
    insert into ladders (name, version, description)
    values (ladder_name, outrider.next_ladder_version(ladder_name), description)
    returning id, version into saved_id, saved_version;
    insert into ladder_steps (ladder_id, position, channel, wait_seconds, success, max_attempts, on_unknown)
    select saved_id, n - 1, s ->> 'channel',
           coalesce((s ->> 'wait_seconds')::integer, case s ->> 'channel' when 'sms' then 20 when 'voice' then 90 when 'whatsapp' then 60 else 3600 end),
           coalesce(s ->> 'success', case s ->> 'channel' when 'voice' then 'answered' else 'delivered' end),
           coalesce((s ->> 'max_attempts')::smallint, 5), s ->> 'on_unknown'
      from jsonb_array_elements(steps) with ordinality as e (s, n);
    perform outrider.check_ladder(saved_id);
    return saved_version;
end $$;
comment on function outrider.save_ladder(text, jsonb, text) is
    'Saves a new version of a ladder, for example save_ladder(''standard'', ''[{"channel":"sms","wait_seconds":20},{"channel":"email"}]''). Returns the version.';

-- ---------------------------------------------------------------------------------------------------------------
-- What applications and operators may do to one job.

create function outrider.is_staff() returns boolean
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select pg_has_role(session_user, 'outrider_operator', 'member')
        or pg_has_role(session_user, 'outrider_worker', 'member')
        or pg_has_role(session_user, 'outrider_gateway', 'member')
$$;
comment on function outrider.is_staff() is 'True for a login with one of Outrider''s own roles, which see every tenant''s jobs.';

create function outrider.job_of_key(key text) returns bigint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select job_id from idempotency_keys k where k.tenant = outrider.current_tenant() and k.key = job_of_key.key
$$;
comment on function outrider.job_of_key(text) is 'The id of the job that this login''s tenant asked for with this idempotency key; null when there is none.';

create function outrider.visible_job(wanted_id bigint) returns outrider.jobs
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_job outrider.jobs;
begin
    select * into found_job from jobs where id = wanted_id;
    if not found or not (found_job.tenant = outrider.current_tenant() or outrider.is_staff()) then
        raise exception 'there is no job % that this login may see', wanted_id using errcode = 'no_data_found';
    end if;
    return found_job;
end $$;
comment on function outrider.visible_job(bigint) is 'The job, or an error that does not tell whether another tenant has it.';

create function outrider.cancel(job_id bigint) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(cancel.job_id);
    ended text;
    begun integer;
begin
    insert into events (job_id, generation, kind, status, code, reason)
    values (job.id, 0, 'outcome', 'ended', 'canceled', 'canceled by ' || session_user)
    on conflict do nothing;
    if not found then
        select code into ended from events e where e.job_id = job.id and generation = 0 and kind = 'outcome';
        return 'already ended: ' || ended;
    end if;
    select count(*) into begun from events e where e.job_id = job.id and kind = 'intent';
    return case when begun = 0 then 'canceled before anything was sent'
                else format('canceled after %s attempt(s); what a provider has already taken may still arrive', begun) end;
end $$;
comment on function outrider.cancel(bigint) is 'Ends a job: nothing more is sent. Says whether anything had been sent already.';

create function outrider.retry(job_id bigint) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(retry.job_id);
    new_id bigint;
begin
    if not exists (select from events e where e.job_id = job.id and generation = 0 and kind = 'outcome') then
        raise exception 'job % has not ended: it is still being worked on', job.id using
            errcode = 'object_not_in_prerequisite_state', hint = 'See outrider.timeline(id); a held job is decided with outrider.release_held.';
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
comment on function outrider.retry(bigint) is 'Asks again for what an ended job asked, as a new job, and returns its id; calling it twice returns the same id.';

create function outrider.suppress(address text, channels text[] default null, reason text default 'operator') returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    possible text[] := case when strpos(suppress.address, '@') > 0 then '{email}' else outrider.phone_channels() end;
    added integer;
begin
    -- What is not written as jobs write it would match nothing, silently.
    if suppress.address is null or suppress.address !~ '^(\+[1-9][0-9]{6,14}|[^@[:space:]]+@[^@[:space:]]+)$' then
        raise exception 'address_must_be_e164_or_an_email_address' using
            errcode = 'invalid_parameter_value', hint = 'A number is written like +15005550006, without spaces.';
    end if;
    channels := coalesce(channels, possible);
    if not channels <@ possible then
        raise exception 'channels_must_fit_the_address: an e-mail address has email, a number sms, voice and whatsapp' using
            errcode = 'invalid_parameter_value', hint = 'Leave channels out to stop all that reach the address.';
    end if;
    insert into suppressions (address, channel, reason, source)
    select lower(suppress.address), c, suppress.reason, 'operator ' || session_user from unnest(channels) c
    on conflict do nothing;
    get diagnostics added = row_count;
    return added;
end $$;
comment on function outrider.suppress(text, text[], text) is 'Stops all contact with a number or an e-mail address, on these channels or, when left out, on all that reach it. Returns how many were new.';

create function outrider.lift_suppression(address text, channels text[] default outrider.phone_channels() || 'email'::text) returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    lifted integer;
begin
    update suppressions s set lifted_at = clock_timestamp()
     where s.address = lower(lift_suppression.address) and s.channel = any (channels) and lifted_at is null;
    get diagnostics lifted = row_count;
    return lifted;
end $$;
comment on function outrider.lift_suppression(text, text[]) is 'Allows contact again. Returns how many suppressions were in force.';

create function outrider.release_held(job_id bigint, was_sent boolean, reason text) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(release_held.job_id);
    held outrider.events;
begin
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    select * into held from events e where e.job_id = job.id and kind = 'held'
     and not exists (select from events r where r.job_id = job.id and r.generation = e.generation and r.kind = 'released')
     order by generation desc limit 1;
    if not found then
        raise exception 'job % is not held', job.id using errcode = 'object_not_in_prerequisite_state';
    end if;
    if exists (select from events o where o.job_id = job.id and o.generation = 0 and o.kind = 'outcome') then
        raise exception 'job % has ended: nothing follows a release', job.id using
            errcode = 'object_not_in_prerequisite_state', hint = 'Ask for it again with outrider.retry(id).';
    end if;
    insert into events (job_id, generation, kind, status, step, ladder_id, channel, reason)
    values (job.id, held.generation, 'released', case when was_sent then 'sent' else 'not_sent' end,
            held.step, held.ladder_id, held.channel, session_user || ': ' || coalesce(release_held.reason, 'no reason given'))
    on conflict do nothing;
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    values (clock_timestamp(), job.id, outrider.look_lane('decide', outrider.job_priority(job.category, job.priority), held.channel),
            'decide', held.step, held.generation, held.ladder_id);
    return case when was_sent then 'released as sent: a receipt is waited for'
                else 'released as not sent: the step is tried again' end;
end $$;
comment on function outrider.release_held(bigint, boolean, text) is 'A person decides what nobody could know: whether a held attempt was sent. Audited as an event.';

-- ---------------------------------------------------------------------------------------------------------------
-- What applications and operators may do to many jobs.

create function outrider.pause_campaign(name text, reason text, tenant text default outrider.current_tenant()) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform outrider.check_tenant(pause_campaign.tenant);
    update campaigns c set paused_at = clock_timestamp(), paused_reason = session_user || ': ' || coalesce(reason, 'no reason given')
     where c.tenant = pause_campaign.tenant and c.name = pause_campaign.name and paused_at is null;
    if found then
        return 'paused: nothing more of it is begun';
    end if;
    perform outrider.check_campaign(pause_campaign.tenant, pause_campaign.name);
    return 'paused already';
end $$;
comment on function outrider.pause_campaign(text, text, text) is 'Stops a campaign: no send of it is begun after the commit. Receipts are still waited for.';

create function outrider.resume_campaign(name text, tenant text default outrider.current_tenant()) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform outrider.check_tenant(resume_campaign.tenant);
    update campaigns c set paused_at = null, paused_reason = null
     where c.tenant = resume_campaign.tenant and c.name = resume_campaign.name and paused_at is not null;
    if found then
        perform pg_notify('outrider_due', '');
        return 'resumed';
    end if;
    perform outrider.check_campaign(resume_campaign.tenant, resume_campaign.name);
    return 'running already';
end $$;
comment on function outrider.resume_campaign(text, text) is 'Lets a paused campaign go on where it stopped.';

create function outrider.check_campaign(for_tenant text, campaign_name text) returns void
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if not exists (select from campaigns where tenant = for_tenant and name = campaign_name) then
        raise exception 'campaign_must_exist: there is no campaign "%"', left(campaign_name, 100) using
            errcode = 'no_data_found', hint = 'A campaign begins with the first job that names it in the column campaign.';
    end if;
end $$;
comment on function outrider.check_campaign(text, text) is 'Refuses a campaign that does not exist.';

-- ---------------------------------------------------------------------------------------------------------------
-- What a worker reads of a job whose due row it has locked.

create function outrider.job_facts(
    for_job bigint, for_generation integer, for_step smallint, for_ladder integer, for_reason text, lane_sender integer,
    known_ladders integer[])
    returns table (
        tenant text, category text, priority integer, channel text, address text, locale text, time_zone text,
        wait_seconds integer, expires_us bigint, created_us bigint, data text, media_urls text[],
        is_template boolean, body text, subject text, html text, content_sid text, content_variables text[], dynamic_template text,
        sender_id integer, sender_address text, sender_display_name text, is_sender_enabled boolean,
        is_ended boolean, is_begun boolean, is_suppressed boolean, is_window_open boolean, ladder text, history text)
    language sql stable as $$
    -- No search_path and one select, so that PostgreSQL puts it into the statement that calls it.
    select j.tenant, j.category, outrider.job_priority(j.category, j.priority), c.channel, c.address, j.locale, j.time_zone,
           j.wait_seconds, (extract(epoch from j.expires_at) * 1000000)::bigint, (extract(epoch from j.created_at) * 1000000)::bigint,
           j.data::text, j.media_urls, t.id is not null, coalesce(t.body, j.body), coalesce(t.subject, j.subject), t.html,
           t.content_sid, coalesce(t.content_variables, '{}'), t.dynamic_template,
           i.id, i.address, i.display_name, i.enabled,
           exists (select from outrider.events o  -- `kind || ''` hides the predicate of an index that stale statistics walk whole.
                    where o.job_id = for_job and o.generation = 0 and o.kind || '' = 'outcome' offset 0),
           exists (select from outrider.events e
                    where e.job_id = for_job and e.generation = for_generation and e.kind = 'intent' offset 0),
           exists (select from outrider.suppressions p
                    where p.address = c.address and p.channel = c.channel and p.tenant in ('', j.tenant) and p.lifted_at is null offset 0),
           exists (select from outrider.whatsapp_windows w
                    where c.channel = 'whatsapp' and w.address = c.address and w.sender_address = i.address
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
                  outrider.address_on(coalesce(s.channel, j.channel), j.address, j.phone, j.email) as address offset 0) c
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

-- What a statement of the gateway or the worker asks row by row. `offset 0` keeps each look-up apart: as a join of whole
-- partitions, it would be a thousand times slower.

create function outrider.late_news(job bigint, attempt integer, reached text)
    returns table (finding text, followed_by text, reason text) language sql stable parallel safe as $$
    select case n.code when 'escalate' then 'late delivery' else 'duplicate' end, n.code,
           case n.code when 'escalate' then 'it arrived after the next step had begun'
                       else 'the provider had taken it, and it was sent again' end
      from outrider.events n
     where n.job_id = job and n.generation = attempt and n.kind = 'next' and n.status = 'decided'
       and exists (select from outrider.events a
                    where a.job_id = job and a.generation = attempt + 1 and a.kind = 'intent' and a.status = 'taken' offset 0)
       and case when n.code = 'escalate' then reached in ('delivered', 'answered', 'read')
                else not exists (select from outrider.events a
                                  where a.job_id = job and a.generation = attempt
                                    and a.kind = 'answer' and a.status = 'accepted' offset 0) end
    offset 0
$$;
comment on function outrider.late_news(bigint, integer, text) is
    'What a receipt of this level tells too late about an attempt that was followed by another: duplicate, late delivery, or no row.';

create function outrider.words_of(person text)
    returns table (provider_id text, channel text, to_address text, keyword text, at timestamptz, is_exact boolean)
    language sql stable parallel safe as $$
    select i.provider_id, i.channel, i.to_address, i.keyword, coalesce(i.sent_at, i.received_at), i.sent_at is not null
      from outrider.inbound_messages i where i.from_address = person and i.keyword in ('stop', 'start') offset 0
$$;
comment on function outrider.words_of(text) is 'Each STOP and START of one person, with its time: exact once a provider''s list has shown it.';

-- ---------------------------------------------------------------------------------------------------------------
-- Reading.

-- `kind || ''` hides the predicates of the indexes of outcomes and held jobs, which on stale statistics are walked whole.
create view outrider.job_status with (security_barrier) as
select j.id, j.tenant, j.kind, j.category, j.ladder,
       case when o.code is not null then o.code
            when h.held then 'held'
            when i.generation is null then 'queued'
            when a.status is null then 'sending'
            else 'waiting' end as state,
       o.code as outcome,
       coalesce(o.channel, i.channel, j.channel) as channel,
       o.reason,
       coalesce(i.attempts, 0) as attempts,
       i.step,
       j.run_at, j.created_at, i.first_at as started_at, o.at as ended_at,
       j.idempotency_key, j.metadata
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
 -- Subselects, so that both are found once a query and not once a row.
 where j.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 -- So that the newest are found by the index: a barrier's rows come in no order that the query above it could use.
 order by j.id desc;
comment on view outrider.job_status is 'Where each job stands: queued, sending, waiting, held, or its outcome. An application sees its own tenant''s jobs.';

create function outrider.timeline(job_id bigint)
    returns table (at timestamptz, attempt integer, step integer, channel text, event text, detail text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(timeline.job_id);
begin
    return query select * from (
    select job.created_at as at, 0 as attempt, null::integer as step, job.channel as channel, 'asked'::text as event,
           case job.kind when 'notify' then 'notify by ladder ' || job.ladder else 'send by ' || job.channel end
           || ', category ' || job.category || coalesce(', not before ' || job.run_at, '') as detail
    union all
    select e.at, e.generation, e.step::integer, e.channel,
           case e.kind when 'next' then 'then' when 'outcome' then 'ended' else e.kind end
           || ': ' || case when e.kind in ('next', 'deferred', 'outcome') then coalesce(e.code, e.status) when e.kind = 'intent' then 'about to send' else e.status end,
           concat_ws('; ', e.reason,
                case when e.kind not in ('next', 'deferred', 'outcome') then 'code ' || e.code end,
                case when e.kind not in ('outcome') then 'class ' || e.class end,
                (select s.name from senders s where s.id = e.sender_id), e.provider_id)
      from events e where e.job_id = job.id) t
     -- The outcome is about the whole job, so of one millisecond, which is what a reader is shown, it comes last.
     order by date_trunc('milliseconds', t.at), (t.event like 'ended:%'), t.attempt, t.at;
end $$;
comment on function outrider.timeline(bigint) is 'Everything that happened to a job, in order: decisions, attempts, answers, receipts, with reasons.';
