-- What people and applications do with schedules. It is kept in outrider.schedule_events.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- Create, change, drop.

create function outrider.try_schedule(schedule outrider.schedules) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- What it makes is made once and taken back, so whatever could not be made is refused now, and by the same rules. Its times
    -- are others than now: whether a campaign's hours begin before it ends is seen then.
    schedule.lasts := null;
    if schedule.action = 'campaign' then
        if not schedule.definition ? 'audience' then
            raise exception 'scheduled_campaign_needs_an_audience' using errcode = 'check_violation', constraint = 'scheduled_campaign_needs_an_audience',
                hint = 'Nobody loads a file when it fires: name a table or a view.';
        end if;
        perform outrider.make_scheduled_campaign(schedule, clock_timestamp());
    else
        perform outrider.make_scheduled_job(schedule, clock_timestamp());
    end if;
    raise exception using errcode = 'OR001', message = 'it can be made';
exception when sqlstate 'OR001' then
    return;
end $$;
comment on function outrider.try_schedule(outrider.schedules) is 'Refuses a schedule whose campaign or job would be refused.';

create function outrider.create_schedule(
    name text, cron text, time_zone text, action jsonb,
    missed text default 'latest', missed_limit integer default 10, catch_up interval default null, overlap text default null,
    on_gap text default 'at_change', on_overlap text default 'first', jitter interval default '0', lasts interval default null,
    starts_at timestamptz default null, ends_at timestamptz default null, tags text[] default '{}', replace boolean default false,
    reason text default null, tenant text default outrider.current_tenant()) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_column
declare
    wanted schedules;
    before schedules;
    made record;
begin
    create_schedule.tenant := coalesce(create_schedule.tenant, outrider.current_tenant());
    perform outrider.check_tenant(create_schedule.tenant);
    if create_schedule.name is null then
        raise exception 'schedule_name_must_be_1_to_70_characters: it is null' using errcode = 'check_violation',
            constraint = 'schedule_name_must_be_1_to_70_characters', hint = 'Give it a name, such as weekly-offer.';
    elsif create_schedule.cron is null or outrider.cron_problem(create_schedule.cron) is not null then
        raise exception 'cron_must_be_valid: %', coalesce(outrider.cron_problem(create_schedule.cron), 'it is null') using errcode = 'check_violation',
            constraint = 'cron_must_be_valid', hint = 'Such as 0 8 * * MON-FRI: minute, hour, day of month, month, day of week.';
    elsif not exists (select from pg_timezone_names z where lower(z.name) = lower(create_schedule.time_zone)) then
        -- A place: CEST has no summer, and UTC+2 is west of Greenwich. Both are read otherwise by another session's settings.
        raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
            hint = 'Write it as it stands in pg_timezone_names, for example Europe/Warsaw.';
    elsif not coalesce(create_schedule.starts_at > '-infinity' and create_schedule.starts_at < '2200-01-01 00:00:00+00', true) then
        raise exception 'starts_at_must_be_a_time_before_the_year_2200' using errcode = 'check_violation',
            constraint = 'starts_at_must_be_a_time_before_the_year_2200', hint = 'Leave it out to start now.';
    elsif create_schedule.ends_at <= greatest(create_schedule.starts_at, clock_timestamp()) then
        raise exception 'schedule_must_end_after_it_starts' using errcode = 'check_violation', constraint = 'schedule_must_end_after_it_starts',
            hint = 'It would never fire. Give a later ends_at.';
    end if;
    made := outrider.scheduled_definition(create_schedule.action, create_schedule.tenant);
    select * into before from schedules s where s.tenant = create_schedule.tenant and s.name = create_schedule.name;
    if found and not create_schedule.replace then
        raise exception 'schedule_name_is_taken: there is a schedule "%"', left(create_schedule.name, 100) using errcode = 'unique_violation',
            constraint = 'schedule_name_is_taken', hint = 'Choose another name, or say replace => true to change it.';
    elsif before.id is not null then
        -- A worker that looks at it now ends first.
        perform from schedule_clocks k where k.schedule_id = before.id for update;
        delete from schedules s where s.id = before.id;
    end if;
    insert into schedules (id, tenant, name, tags, cron, time_zone, action, definition, lasts, missed, missed_limit, catch_up, overlap, on_gap,
                           on_overlap, jitter, ends_at, created_at)
    overriding system value
    values (coalesce(before.id, nextval(pg_get_serial_sequence('outrider.schedules', 'id'))), create_schedule.tenant, create_schedule.name,
            coalesce(create_schedule.tags, '{}'), create_schedule.cron, create_schedule.time_zone, made.kind, made.definition, create_schedule.lasts,
            coalesce(create_schedule.missed, 'latest'), coalesce(create_schedule.missed_limit, 10), create_schedule.catch_up,
            coalesce(create_schedule.overlap, case made.kind when 'campaign' then 'skip' else 'allow' end),
            coalesce(create_schedule.on_gap, 'at_change'), coalesce(create_schedule.on_overlap, 'first'),
            coalesce(create_schedule.jitter, '0'), create_schedule.ends_at, coalesce(before.created_at, clock_timestamp()))
    returning * into wanted;
    perform outrider.try_schedule(wanted);
    -- It never fires for the past.
    insert into schedule_clocks as k (schedule_id, decided_until, due_at)
    values (wanted.id, greatest(clock_timestamp(), create_schedule.starts_at - interval '1 microsecond'), clock_timestamp())
    on conflict (schedule_id) do update set decided_until = case
               -- The same times go on, also those that no worker has come to yet. Of other ones it never fires for the past.
               when row(before.cron, before.time_zone, before.on_gap, before.on_overlap, before.jitter) is not distinct from
                    row(wanted.cron, wanted.time_zone, wanted.on_gap, wanted.on_overlap, wanted.jitter) and create_schedule.starts_at is null
               then least(k.decided_until, clock_timestamp())
               else greatest(least(k.decided_until, clock_timestamp()), excluded.decided_until) end, due_at = excluded.due_at,
           upcoming = '{}', upcoming_real = '{}', next_at = null, words = null, problem = null;
    perform outrider.note_schedule(wanted.id, case when before.id is null then 'created' else 'changed' end, create_schedule.reason,
                                   jsonb_build_object('cron', wanted.cron, 'time_zone', wanted.time_zone));
    perform pg_notify('outrider_due', '');
    return wanted.id;
end $$;
comment on function outrider.create_schedule(text, text, text, jsonb, text, integer, interval, text, text, text, interval, interval, timestamptz, timestamptz, text[], boolean, text, text) is
    'Makes a schedule, or with replace changes one. It fires from now on, never for the past. Returns its id.';

create function outrider.drop_schedule(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(drop_schedule.name, drop_schedule.tenant);
begin
    perform from schedule_clocks k where k.schedule_id = schedule.id for update;
    perform outrider.note_schedule(schedule.id, 'dropped', drop_schedule.reason, jsonb_build_object('name', schedule.name, 'tenant', schedule.tenant));
    delete from schedule_backfills b where b.schedule_id = schedule.id and b.ended_at is null;
    update schedule_fires f set outcome = 'skipped', reason = 'its schedule was dropped' where f.schedule_id = schedule.id and f.outcome = 'waiting';
    delete from schedule_clocks k where k.schedule_id = schedule.id;
    delete from schedules s where s.id = schedule.id;
    return 'dropped: it fires no more. What it has made goes on';
end $$;
comment on function outrider.drop_schedule(text, text, text) is 'Ends a schedule. What became of its times is kept.';

-- ---------------------------------------------------------------------------------------------------------------
-- Pause, resume, trigger, backfill.

create function outrider.pause_schedule(name text, reason text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(pause_schedule.name, pause_schedule.tenant);
begin
    update schedule_clocks k set paused_at = clock_timestamp(), paused_reason = session_user || ': ' || coalesce(reason, 'no reason given')
     where k.schedule_id = schedule.id and k.paused_at is null;
    if not found then
        return 'paused already';
    end if;
    perform outrider.note_schedule(schedule.id, 'paused', pause_schedule.reason);
    return 'paused: it fires no more. What it has made goes on';
end $$;
comment on function outrider.pause_schedule(text, text, text) is 'Until it is resumed, no time of the schedule fires. Each is noted.';

create function outrider.resume_schedule(name text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(resume_schedule.name, resume_schedule.tenant);
begin
    update schedule_clocks k set paused_at = null, paused_reason = null, resumed_at = clock_timestamp()
     where k.schedule_id = schedule.id and k.paused_at is not null;
    if not found then
        return 'running already';
    end if;
    perform outrider.note_schedule(schedule.id, 'resumed', null);
    return 'resumed: times that passed while it was paused do not fire; outrider.backfill_schedule() fires them';
end $$;
comment on function outrider.resume_schedule(text, text) is 'Lets a schedule fire again, from its next time on.';

create function outrider.pause_schedules(reason text, tag text default null, tenant text default outrider.current_tenant()) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform outrider.check_tenant(pause_schedules.tenant);
    return (select count(*) filter (where outrider.pause_schedule(s.name, pause_schedules.reason, s.tenant) like 'paused:%')
              from schedules s where s.tenant = pause_schedules.tenant and (pause_schedules.tag is null or pause_schedules.tag = any (s.tags)));
end $$;
comment on function outrider.pause_schedules(text, text, text) is 'Pauses the schedules of a tenant, all or those with a tag. Returns how many.';

create function outrider.resume_schedules(tag text default null, tenant text default outrider.current_tenant()) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform outrider.check_tenant(resume_schedules.tenant);
    return (select count(*) filter (where outrider.resume_schedule(s.name, s.tenant) like 'resumed:%')
              from schedules s where s.tenant = resume_schedules.tenant and (resume_schedules.tag is null or resume_schedules.tag = any (s.tags)));
end $$;
comment on function outrider.resume_schedules(text, text) is 'Resumes the schedules of a tenant, all or those with a tag. Returns how many.';

create function outrider.trigger_schedule(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(trigger_schedule.name, trigger_schedule.tenant);
    present timestamptz := clock_timestamp();
    fired record;
begin
    if outrider.displacement() is not null then
        return 'nothing fires: this database was restored or copied; see outrider adopt';
    end if;
    perform from schedule_clocks k where k.schedule_id = schedule.id for update;
    fired := outrider.fire_schedule(schedule.id, present, present, 'trigger');
    perform outrider.note_schedule(schedule.id, 'triggered', trigger_schedule.reason, jsonb_build_object('outcome', fired.outcome));
    return concat_ws(': ', fired.outcome, fired.reason);
end $$;
comment on function outrider.trigger_schedule(text, text, text) is 'Fires a schedule now, beside its times, paused or not; its rule for overlaps holds. Says what became of it.';

create function outrider.backfill_schedule(name text, from_at timestamptz, until_at timestamptz, reason text default null,
                                           tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(backfill_schedule.name, backfill_schedule.tenant);
begin
    if not coalesce(from_at <= until_at and until_at <= clock_timestamp() and until_at - from_at <= interval '366 days', false) then
        raise exception 'backfill_must_be_of_a_year_that_has_passed' using errcode = 'check_violation', constraint = 'backfill_must_be_of_a_year_that_has_passed',
            hint = 'Give two times, the first before the second, both past, at most 366 days apart.';
    end if;
    insert into schedule_backfills (schedule_id, next_after, until_at) values (schedule.id, from_at - interval '1 microsecond', backfill_schedule.until_at);
    perform outrider.note_schedule(schedule.id, 'backfill asked for', backfill_schedule.reason, jsonb_build_object('from', from_at, 'until', until_at));
    return 'a worker fires the times from ' || from_at || ' to ' || until_at || ' that did not fire';
end $$;
comment on function outrider.backfill_schedule(text, timestamptz, timestamptz, text, text) is 'Fires the times between two instants that did not fire, in order, both ends included. Whatever it made before may still go on.';

-- ---------------------------------------------------------------------------------------------------------------
-- What is shown.

create view outrider.schedule_status with (security_barrier) as
select s.id, s.tenant, s.name, s.tags, s.cron, s.time_zone, k.words, case when k.paused_at is not null then 'paused' when k.next_at is null and k.words is not null then 'over' else 'running' end as state,
       k.paused_reason, coalesce(k.upcoming_real[1], k.next_at) as next_at, k.problem, s.action,
       -- Texts and addresses: not for the page's login.
       case when pg_has_role(session_user, 'outrider_operator', 'member') or not pg_has_role(session_user, 'outrider_gateway', 'member') then s.definition end as definition,
       s.lasts, s.missed, s.missed_limit, s.catch_up,
       s.overlap, s.on_gap, s.on_overlap, s.jitter, s.ends_at, s.login, s.created_at, s.changed_at, f.nominal_at as last_at, f.outcome as last_outcome, f.reason as last_reason,
       k.upcoming, k.upcoming_real
  from outrider.schedules s
  join outrider.schedule_clocks k on k.schedule_id = s.id
  left join lateral (select * from outrider.schedule_fires f where f.schedule_id = s.id order by f.nominal_at desc limit 1) f on true
 where s.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 order by s.name;
comment on view outrider.schedule_status is 'Schedules: what each says in words, when it fires next, and what became of its last time.';

create view outrider.schedule_fire_history with (security_barrier) as
select f.schedule_id, s.tenant, s.name, f.nominal_at, f.real_at, f.at, f.outcome, f.reason, f.cause, f.login, c.name as campaign, f.job_id, f.campaign_id
  from outrider.schedule_fires f join outrider.schedules s on s.id = f.schedule_id left join outrider.campaigns c on c.id = f.campaign_id
 where s.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());
comment on view outrider.schedule_fire_history is 'What became of each time of each schedule, and what it made.';

create view outrider.schedule_history with (security_barrier) as
select e.schedule_id, s.tenant, s.name, e.at, e.login, e.what, e.reason, e.detail, e.id, e.person
  from outrider.schedule_events e join outrider.schedules s on s.id = e.schedule_id
 where s.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());
comment on view outrider.schedule_history is 'Who did what to a schedule, when and why.';

create function outrider.next_runs(name text, at_most integer default 10, tenant text default outrider.current_tenant())
    returns table (nominal timestamptz, fires_at timestamptz, local_time text, words text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    schedule schedules := outrider.visible_schedule(next_runs.name, next_runs.tenant);
    clock schedule_clocks;
begin
    select * into clock from schedule_clocks k where k.schedule_id = schedule.id;
    if clock.words is null then
        raise exception 'schedule_must_have_been_read: no worker has read "%" yet', schedule.name using errcode = 'object_not_in_prerequisite_state',
            constraint = 'schedule_must_have_been_read', hint = 'Workers read it within a second. Start one, or ask outrider schedule next.';
    end if;
    return query
    select u.nominal, u.effective, to_char(u.nominal at time zone schedule.time_zone, 'Dy YYYY-MM-DD HH24:MI'), clock.words || ', ' || schedule.time_zone
      from unnest(clock.upcoming, clock.upcoming_real) with ordinality as u (nominal, effective, n) where u.effective > clock_timestamp() order by n limit at_most;
end $$;
comment on function outrider.next_runs(text, integer, text) is 'The next times of a schedule, at most 25: by the clock on the wall, and when each fires.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.cron_problem(text), outrider.cron_field(text, integer), outrider.cron_value(text, integer), outrider.zone_changes(text, timestamptz, timestamptz)
    to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant execute on function
    outrider.create_schedule(text, text, text, jsonb, text, integer, interval, text, text, text, interval, interval, timestamptz, timestamptz, text[], boolean, text, text),
    outrider.drop_schedule(text, text, text), outrider.pause_schedule(text, text, text), outrider.resume_schedule(text, text),
    outrider.pause_schedules(text, text, text), outrider.resume_schedules(text, text), outrider.trigger_schedule(text, text, text),
    outrider.backfill_schedule(text, timestamptz, timestamptz, text, text) to outrider_app, outrider_operator;
grant execute on function outrider.next_runs(text, integer, text) to outrider_app, outrider_gateway, outrider_operator;
grant execute on function outrider.due_schedules(integer), outrider.advance_schedules(jsonb), outrider.put_off_schedule(integer, double precision, text),
    outrider.fire_waiting_schedules(), outrider.forget_fires(integer), outrider.due_backfill(), outrider.advance_backfill(integer, jsonb, bigint) to outrider_worker;
grant select on outrider.schedule_status, outrider.schedule_fire_history, outrider.schedule_history to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.schedules, outrider.schedule_clocks, outrider.schedule_fires, outrider.schedule_events, outrider.schedule_backfills to outrider_worker, outrider_operator;
