-- What fires: how workers take schedules, and make what they make.

set local lock_timeout = '5s';

create function outrider.visible_schedule(schedule_name text, for_tenant text) returns outrider.schedules
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_schedule schedules;
begin
    perform outrider.check_tenant(for_tenant);
    select * into found_schedule from schedules where tenant = for_tenant and name = schedule_name;
    if not found then
        raise exception 'schedule_must_exist: there is no schedule "%"', left(schedule_name, 100) using
            errcode = 'no_data_found', constraint = 'schedule_must_exist', hint = 'Make it with outrider.create_schedule(), or see outrider.schedule_status.';
    end if;
    return found_schedule;
end $$;
comment on function outrider.visible_schedule(text, text) is 'A tenant''s schedule, or an error.';

-- ---------------------------------------------------------------------------------------------------------------
-- What fires.

create function outrider.scheduled_end(schedule outrider.schedules, nominal timestamptz) returns timestamptz
    language sql volatile set search_path = pg_catalog, outrider, pg_temp as $$
    select case when nominal + schedule.lasts > clock_timestamp() then nominal + schedule.lasts else clock_timestamp() + schedule.lasts end
$$;
comment on function outrider.scheduled_end(outrider.schedules, timestamptz) is 'Until when what is made at a time of a schedule sends. Of a time whose end has passed, a backfill''s, it is counted from now.';

create function outrider.make_scheduled_job(schedule outrider.schedules, nominal timestamptz) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    made bigint;
begin
    insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
                      time_zone, wait_seconds, priority, metadata, expires_at, idempotency_key)
    select schedule.tenant, coalesce(d.kind, case when d.ladder is null then 'send' else 'notify' end), coalesce(d.category, 'marketing'), d.channel, d.address, d.ladder,
           d.phone, d.email, d.body, d.subject, d.template, coalesce(d.data, '{}'), coalesce(d.media_urls, '{}'), coalesce(d.locale, 'en'),
           coalesce(d.time_zone, schedule.time_zone), d.wait_seconds, d.priority, coalesce(d.metadata, '{}') || jsonb_build_object('schedule', schedule.name),
           outrider.scheduled_end(schedule, nominal), format('outrider.schedule/%s/%s', schedule.id, (extract(epoch from nominal) * 1000000)::bigint)
      from jsonb_populate_record(null::jobs, schedule.definition) d
    returning id into made;
    return made;
end $$;
comment on function outrider.make_scheduled_job(outrider.schedules, timestamptz) is 'Asks for the job of a time of a schedule.';

create function outrider.running_fire(for_schedule_id integer) returns outrider.schedule_fires
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    running schedule_fires;
begin
    -- The last that fired; the one before it has ended, or was allowed to go on.
    select * into running from schedule_fires f
     where f.schedule_id = for_schedule_id and f.outcome = 'fired' order by f.nominal_at desc limit 1;
    if running.campaign_id is not null then
        perform from campaigns c where c.id = running.campaign_id and c.state in ('draft', 'running', 'paused');
    elsif running.job_id is not null then
        perform from jobs j where j.id = running.job_id
            and not exists (select from events e where e.job_id = j.id and e.generation = 0 and e.kind || '' = 'outcome');
    else
        return null;
    end if;
    return case when found then running end;
end $$;
comment on function outrider.running_fire(integer) is 'What a schedule has made last, if that has not ended; else null.';

create function outrider.fire_schedule(for_schedule_id integer, nominal timestamptz, effective timestamptz, why text, out outcome text, out reason text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_variable
declare
    schedule schedules;
    running schedule_fires;
    relation oid;
    made_campaign integer;
    made_job bigint;
begin
    select * into schedule from schedules s where s.id = for_schedule_id;
    if schedule.id is null then
        return;  -- Dropped meanwhile.
    end if;
    outcome := 'fired';
    running := case when schedule.overlap <> 'allow' and why <> 'backfill' then outrider.running_fire(schedule.id) end;
    if schedule.overlap = 'wait_one' and why <> 'backfill' and exists (
           select from schedule_fires f where f.schedule_id = schedule.id and f.outcome = 'waiting' and f.nominal_at <> nominal) then
        outcome := 'skipped';
        reason := 'overlapped: an earlier time waits for what was made before';
    elsif running.schedule_id is not null then
        if schedule.overlap = 'skip' then
            outcome := 'skipped';
            reason := format('overlapped: what was made at %s has not ended', running.nominal_at);
        elsif schedule.overlap = 'wait_one' then
            outcome := 'waiting';
            reason := format('until what was made at %s has ended', running.nominal_at);
        end if;
    end if;
    -- The fence: of two that have come here, one goes on.
    insert into schedule_fires as f (schedule_id, nominal_at, real_at, outcome, reason, cause) values (schedule.id, nominal, effective, outcome, reason, why)
    on conflict (schedule_id, nominal_at) do update set outcome = excluded.outcome, reason = excluded.reason, cause = excluded.cause, login = session_user, at = clock_timestamp()
     where f.outcome = 'waiting' or excluded.cause = 'backfill' and f.outcome in ('skipped', 'failed');
    if not found or outcome <> 'fired' then
        outcome := case when found then outcome end;
        return;
    end if;
    begin
        if schedule.action = 'campaign' then
            relation := to_regclass(schedule.definition ->> 'audience');
            if relation is not null and not coalesce(has_table_privilege(schedule.login, relation, 'select'), false) then
                raise exception 'audience_must_be_yours_to_read: the login % may not read %', schedule.login, relation::regclass using
                    errcode = 'insufficient_privilege', constraint = 'audience_must_be_yours_to_read',
                    hint = format('Ask its owner: grant select on %s to %I;', relation::regclass, schedule.login);
            elsif exists (select from pg_class where oid = relation and relkind in ('v', 'f')) and not pg_has_role(schedule.login, 'outrider_operator', 'member') then
                raise exception 'audience_of_an_application_must_be_a_table: % is a view', relation::regclass using errcode = 'insufficient_privilege',
                    constraint = 'audience_of_an_application_must_be_a_table', hint = 'Name a table or a materialized view, or ask an operator to make the schedule.';
            end if;
            made_campaign := outrider.make_scheduled_campaign(schedule, nominal);
        else
            made_job := outrider.make_scheduled_job(schedule, nominal);
        end if;
        -- Of cancel_previous. Only once there is another in its place.
        if running.campaign_id is not null then
            perform outrider.cancel_campaign(c.name, 'schedule ' || schedule.name || ': its next time has come', c.tenant) from campaigns c where c.id = running.campaign_id;
        elsif running.job_id is not null then
            perform outrider.cancel(running.job_id);
        end if;
        update schedule_fires f set campaign_id = made_campaign, job_id = made_job where f.schedule_id = schedule.id and f.nominal_at = nominal;
    exception
        when lock_not_available then raise;
        -- What a person must mend. The next time is tried all the same.
        when data_exception or integrity_constraint_violation or syntax_error_or_access_rule_violation or object_not_in_prerequisite_state
             or plpgsql_error then
            outcome := 'failed';
            reason := left(sqlerrm, 1000);
            update schedule_fires f set outcome = 'failed', reason = left(sqlerrm, 1000) where f.schedule_id = schedule.id and f.nominal_at = nominal;
    end;
end $$;
comment on function outrider.fire_schedule(integer, timestamptz, timestamptz, text) is
    'Makes what a schedule makes at one of its times, if nobody has yet; or notes why not. Returns what became of it; null when another was first.';

create function outrider.due_schedules(at_most integer default 100) returns table (
        present bigint, id integer, cron text, time_zone text, missed text, missed_limit integer, catch_up double precision,
        jitter double precision, on_gap text, on_overlap text, ends_at bigint, is_paused boolean, resumed_at bigint, adopted_at bigint, decided_until bigint)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    ids integer[] := array(select k.schedule_id from schedule_clocks k where k.due_at <= statement_timestamp() and outrider.displacement() is null
                            order by k.due_at, k.schedule_id limit at_most for update skip locked);
    adopted constant timestamptz := (select max(a.at) from adoptions a);
begin
    -- Read once they are locked: whoever changed one has committed.
    return query
    select (extract(epoch from clock_timestamp()) * 1000000)::bigint, s.id, s.cron, s.time_zone, s.missed, s.missed_limit,
           extract(epoch from s.catch_up)::double precision, extract(epoch from s.jitter)::double precision, s.on_gap, s.on_overlap,
           (extract(epoch from s.ends_at) * 1000000)::bigint, k.paused_at is not null,
           (extract(epoch from k.resumed_at) * 1000000)::bigint, (extract(epoch from adopted) * 1000000)::bigint, (extract(epoch from k.decided_until) * 1000000)::bigint
      from unnest(ids) as u (id) join schedule_clocks k on k.schedule_id = u.id join schedules s on s.id = k.schedule_id;
end $$;
comment on function outrider.due_schedules(integer) is 'Schedules that a worker must look at, locked for its transaction. None in a database that was restored or copied, until it is adopted.';

create function outrider.advance_schedules(plans jsonb) returns table (schedule_id integer, nominal_at timestamptz, outcome text, reason text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set lock_timeout = '500ms' as $$
declare
    plan jsonb;
    tick jsonb;
    fired record;
begin
    for plan in select * from jsonb_array_elements(plans) loop
        schedule_id := (plan ->> 'id')::integer;
        insert into schedule_fires (schedule_id, nominal_at, real_at, outcome, reason, cause)
        select schedule_id, to_timestamp((t ->> 'nominal')::bigint / 1000000.0), to_timestamp((t ->> 'real')::bigint / 1000000.0), 'skipped', t ->> 'skip', 'time'
          from jsonb_array_elements(plan -> 'ticks') as t where t ? 'skip' on conflict do nothing;
        for tick in select t from jsonb_array_elements(plan -> 'ticks') as t where not t ? 'skip' loop
            nominal_at := to_timestamp((tick ->> 'nominal')::bigint / 1000000.0);
            fired := outrider.fire_schedule(schedule_id, nominal_at, to_timestamp((tick ->> 'real')::bigint / 1000000.0), 'time');
            outcome := fired.outcome;
            reason := fired.reason;
            if outcome is not null then
                return next;
            end if;
        end loop;
        update schedule_clocks k
           set decided_until = greatest(k.decided_until, to_timestamp((plan ->> 'decided')::bigint / 1000000.0)),
               next_at = to_timestamp((plan ->> 'next')::bigint / 1000000.0), due_at = to_timestamp((plan ->> 'due')::bigint / 1000000.0),
               upcoming = array(select to_timestamp(t::bigint / 1000000.0) from jsonb_array_elements_text(plan -> 'upcoming') with ordinality as u (t, n) order by n),
               upcoming_real = array(select to_timestamp(t::bigint / 1000000.0) from jsonb_array_elements_text(plan -> 'real') with ordinality as u (t, n) order by n),
               words = plan ->> 'words', problem = null
         where k.schedule_id = advance_schedules.schedule_id;
    end loop;
end $$;
comment on function outrider.advance_schedules(jsonb) is 'Writes what looks at schedules came to: what fires, what does not and why, and when to look again. Times are microseconds since 1970. Returns what fired or could not.';

create function outrider.put_off_schedule(for_schedule_id integer, seconds double precision, why text) returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    update schedule_clocks set due_at = clock_timestamp() + make_interval(secs => seconds), problem = left(why, 1000)
     where schedule_id = for_schedule_id and due_at <= clock_timestamp()
$$;
comment on function outrider.put_off_schedule(integer, double precision, text) is 'What a look at a schedule came to could not be kept: another one comes later.';

create function outrider.fire_waiting_schedules() returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set lock_timeout = '500ms' as $$
declare
    waiting schedule_fires;
    fired integer := 0;
begin
    if outrider.displacement() is not null then
        return 0;
    end if;
    -- The clock's row is locked as a look locks it, so nothing else of the schedule fires meanwhile.
    for waiting in
        select f.* from schedule_fires f join schedule_clocks k using (schedule_id)
         where f.outcome = 'waiting' and k.paused_at is null and (outrider.running_fire(f.schedule_id)).schedule_id is null
         order by f.nominal_at limit 100 for update of k, f skip locked
    loop
        begin
            continue when (outrider.running_fire(waiting.schedule_id)).schedule_id is not null;
            perform outrider.fire_schedule(waiting.schedule_id, waiting.nominal_at, waiting.real_at, waiting.cause);
            fired := fired + 1;
        exception when others then
            -- What keeps one keeps no other.
            update schedule_clocks k set problem = left(sqlerrm, 1000) where k.schedule_id = waiting.schedule_id;
        end;
    end loop;
    return fired;
end $$;
comment on function outrider.fire_waiting_schedules() is 'Fires the times that waited for what was made before, once that has ended. Returns how many.';

create function outrider.due_backfill() returns table (
        backfill_id integer, id integer, cron text, time_zone text, jitter double precision, on_gap text, on_overlap text, ends_at bigint, next_after bigint, until_at bigint)
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select b.id, s.id, s.cron, s.time_zone, extract(epoch from s.jitter)::double precision, s.on_gap, s.on_overlap,
           (extract(epoch from s.ends_at) * 1000000)::bigint, (extract(epoch from b.next_after) * 1000000)::bigint, (extract(epoch from b.until_at) * 1000000)::bigint
      from (select * from schedule_backfills where ended_at is null and outrider.displacement() is null
               and not exists (select from schedule_clocks k where k.schedule_id = schedule_backfills.schedule_id and k.paused_at is not null)
             order by random() limit 1 for update skip locked) b
      join schedules s on s.id = b.schedule_id
$$;
comment on function outrider.due_backfill() is 'A backfill that is to be worked on, any of them, so that one that fails keeps no other; locked for the transaction of a worker. None of a schedule that is paused.';

create function outrider.advance_backfill(for_backfill integer, ticks jsonb, done_until bigint) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set lock_timeout = '500ms' as $$
declare
    backfill schedule_backfills;
    tick jsonb;
    made integer := 0;
begin
    select * into backfill from schedule_backfills b where b.id = for_backfill and b.ended_at is null;
    for tick in select t from jsonb_array_elements(case when backfill.id is null then '[]' else ticks end) as t loop
        if (outrider.fire_schedule(backfill.schedule_id, to_timestamp((tick ->> 'nominal')::bigint / 1000000.0),
                                   to_timestamp((tick ->> 'real')::bigint / 1000000.0), 'backfill')).outcome = 'fired' then
            made := made + 1;
        end if;
    end loop;
    update schedule_backfills b set fired = b.fired + made, next_after = coalesce(to_timestamp(done_until / 1000000.0), b.until_at),
           ended_at = case when done_until is null then clock_timestamp() end
     where b.id = for_backfill;
    return made;
end $$;
comment on function outrider.advance_backfill(integer, jsonb, bigint) is 'Fires times of a backfill. done_until is the last of them, in microseconds since 1970; null: there are no more. Returns how many fired.';

create function outrider.forget_fires(at_most integer default 5000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    forgotten integer;
begin
    delete from schedule_fires where ctid = any (array(
        select ctid from schedule_fires where outcome in ('skipped', 'failed') and nominal_at < clock_timestamp() - interval '400 days' limit at_most for update skip locked));
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;
comment on function outrider.forget_fires(integer) is 'Deletes rows of times that did not fire more than 400 days ago, at most so many. Those that fired are kept.';
