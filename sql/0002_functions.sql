-- What happens when a job is inserted, and every change of state a person or an application may make.

create function outrider.default_priority(category text) returns smallint
    language sql immutable parallel safe as $$
    select (case category when 'otp' then 0 when 'alert' then 1 when 'transactional' then 2 else 3 end)::smallint
$$;
comment on function outrider.default_priority(text) is 'The priority of a job that names none.';

create function outrider.sender_ids(for_tenant text, for_channel text) returns integer[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with candidates as (
        select id, tenant from senders
         where channel = for_channel and enabled and (tenant = for_tenant or tenant is null)
    )
    select coalesce(array_agg(id order by id), '{}') from candidates
     where tenant is not null or not exists (select from candidates where tenant is not null)
$$;
comment on function outrider.sender_ids(text, text) is 'The senders that serve a tenant on a channel: its own, else the shared ones.';

create function outrider.pick_sender(ids integer[], address text) returns integer
    language sql immutable parallel safe as $$
    -- By address, so that one person always hears from the same number.
    select case when cardinality(ids) = 0 then 0
           else ids[1 + (hashtext(coalesce(address, '')) & 2147483647) % cardinality(ids)] end
$$;
comment on function outrider.pick_sender(integer[], text) is 'The same sender for the same address; 0 when there is none.';

create function outrider.dispatch_lane(sender_id integer, category text, priority smallint) returns integer
    language sql immutable parallel safe as $$
    select sender_id * 4 + case when sender_id = 0 then 1 else coalesce(priority, outrider.default_priority(category)) end
$$;
comment on function outrider.dispatch_lane(integer, text, smallint) is 'The lane of a send: sender and priority. Lane 1 holds sends no sender serves, lane 0 wake-ups that send nothing.';

create function outrider.current_ladder(ladder_name text) returns integer
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select id from ladders where name = ladder_name order by version desc limit 1
$$;
comment on function outrider.current_ladder(text) is 'The newest version of a ladder; null when there is none of that name.';

create function outrider.send_key(job_id bigint, channel text, address text, body text, data jsonb)
    returns bigint language sql immutable parallel safe as $$
    -- A listing shows the text of an SMS, and is read by its letters and digits, as a provider may replace the rest. Keeping
    -- fewer of them makes two different texts wait for each other, but never lets two pass that look alike. Two
    -- templates may say the same; their data say what differs. Calls, mails and WhatsApp templates go by address only.
    select hashtextextended(channel || E'\n' || coalesce(address, 'job ' || job_id) || E'\n'
        || case when channel = 'sms' then regexp_replace(coalesce(body, data::text), '[^0-9A-Za-z]', '', 'g') else '' end, 0)
$$;
comment on function outrider.send_key(bigint, text, text, text, jsonb) is
    'The same for two messages that a provider''s listing could not tell from each other: same channel and address and, for SMS, the same letters and digits in the text, or in the data of a template.';

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

create function outrider.route(
    for_tenant text, asked_channel text, asked_ladder text, asked_template text,
    out ladder_id integer, out channel text, out sender_ids integer[])
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
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
    sender_ids := outrider.sender_ids(for_tenant, channel);
end $$;
comment on function outrider.route(text, text, text, text) is
    'How jobs asked for in this way begin: ladder version, first channel, senders. Refuses a tenant, ladder or template that does not exist.';

create function outrider.add_due_rows() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    -- After the rows are in, never now(): a worker's watermark relies on it.
    inserted_at timestamptz := clock_timestamp();
begin
    -- Routes are found once per distinct way of asking, not once per row.
    with asked as materialized (
        select distinct coalesce(tenant, '') as tenant, coalesce(channel, '') as channel, coalesce(ladder, '') as ladder,
               coalesce(template, '') as template from new_jobs
    ), routes as materialized (
        select a.tenant, a.channel as asked_channel, a.ladder, a.template, r.ladder_id, r.channel, r.sender_ids
          from asked a
          cross join lateral outrider.route(a.tenant, nullif(a.channel, ''), nullif(a.ladder, ''), nullif(a.template, '')) r
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select greatest(j.run_at, inserted_at), j.id,
           outrider.dispatch_lane(
               outrider.pick_sender(r.sender_ids, case r.channel when 'email' then lower(coalesce(j.address, j.email))
                                                       else coalesce(j.address, j.phone) end),
               j.category, j.priority),
           'dispatch', 0, 1, r.ladder_id,
           case when r.channel = 'sms' then least(outrider.segments(j.body), 100) else 1 end
      from new_jobs j
      join routes r on r.tenant = j.tenant and r.asked_channel = coalesce(j.channel, '')
                   and r.ladder = coalesce(j.ladder, '') and r.template = coalesce(j.template, '');

    -- A hint only; polling is the truth. One notifier at a time, or commits queue behind each other.
    if pg_try_advisory_xact_lock(hashtext('outrider.notify')) then
        perform pg_notify('outrider_due', '');
    end if;
    return null;
end $$;
comment on function outrider.add_due_rows() is 'Gives every inserted job its first wake-up, and refuses a tenant, ladder or template that does not exist. Once per statement, so bulk inserts stay fast.';

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

create function outrider.save_ladder(ladder_name text, steps jsonb, description text default null) returns integer
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
declare
    saved_id integer;
    saved_version integer;
begin
    if jsonb_typeof(steps) is distinct from 'array' then
        raise exception 'steps must be a JSON array of {"channel", "wait_seconds", …}' using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtext('outrider.ladder.' || ladder_name));
    insert into ladders (name, version, description)
    values (ladder_name, coalesce((select max(version) from ladders where name = ladder_name), 0) + 1, description)
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
                      locale, time_zone, wait_seconds, priority, idempotency_key, metadata)
    values (job.tenant, job.kind, job.category, job.channel, job.address, job.ladder, job.phone, job.email, job.body, job.subject,
            job.template, job.data, job.media_urls, job.locale, job.time_zone, job.wait_seconds, job.priority,
            'outrider.retry/' || job.id, job.metadata || jsonb_build_object('retry_of', job.id))
    returning id into new_id;
    return coalesce(new_id, (select k.job_id from idempotency_keys k where k.tenant = job.tenant and k.key = 'outrider.retry/' || job.id));
end $$;
comment on function outrider.retry(bigint) is 'Asks again for what an ended job asked, as a new job, and returns its id; calling it twice returns the same id.';

create function outrider.suppress(address text, channels text[] default null, reason text default 'operator') returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    possible text[] := case when strpos(suppress.address, '@') > 0 then '{email}' else '{sms,voice,whatsapp}' end;
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

create function outrider.lift_suppression(address text, channels text[] default '{sms,voice,whatsapp,email}') returns integer
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
    values (clock_timestamp(), job.id, 0, 'decide', held.step, held.generation, held.ladder_id);
    return case when was_sent then 'released as sent: a receipt is waited for'
                else 'released as not sent: the step is tried again' end;
end $$;
comment on function outrider.release_held(bigint, boolean, text) is 'A person decides what nobody could know: whether a held attempt was sent. Audited as an event.';

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
