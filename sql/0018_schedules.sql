-- Schedules: what happens again and again by the clock on the wall, a campaign or one job.
--
-- Workers find the times by the rules in Delivery/Schedule, with PostgreSQL's zones and its clock. What fires is one row of
-- outrider.schedule_fires, inserted in the transaction that makes the campaign or the job: no leader, and no mark that could
-- stand without what it says. A time that does not fire has a row too, with the reason.

set local lock_timeout = '5s';

create table outrider.schedules (
    id           integer generated always as identity primary key,
    tenant       text not null,
    name         text not null,
    tags         text[] not null default '{}',
    cron         text not null,
    time_zone    text not null,
    action       text not null,
    definition   jsonb not null,
    lasts        interval,
    missed       text not null,
    missed_limit integer not null,
    catch_up     interval,
    overlap      text not null,
    on_gap       text not null,
    on_overlap   text not null,
    jitter       interval not null,
    ends_at      timestamptz,
    login        text not null default session_user,
    created_at   timestamptz not null default clock_timestamp(),
    changed_at   timestamptz not null default clock_timestamp(),
    constraint schedule_name_is_taken unique (tenant, name),
    constraint schedule_name_must_be_1_to_70_characters check (length(name) between 1 and 70 and name collate "C" !~ '[[:cntrl:]]'),
    constraint tags_must_be_at_most_20_of_1_to_63_characters
        check (cardinality(tags) <= 20 and array_position(tags, null) is null and length(array_to_string(tags, '')) <= 1260 and not '' = any (tags)),
    constraint schedule_must_make_a_campaign_or_a_job check (action in ('campaign', 'job')),
    constraint definition_must_be_an_object_of_at_most_64_kilobytes
        check (jsonb_typeof(definition) = 'object' and octet_length(definition::text) <= 65536),
    constraint lasts_must_be_a_minute_to_366_days check (lasts between '1 minute' and '366 days'),
    constraint missed_must_be_skip_latest_or_all check (missed in ('skip', 'latest', 'all')),
    constraint missed_limit_must_be_1_to_1000 check (missed_limit between 1 and 1000),
    constraint catch_up_must_be_a_minute_to_366_days check (catch_up between '1 minute' and '366 days'),
    constraint overlap_must_be_allow_skip_wait_one_or_cancel_previous check (overlap in ('allow', 'skip', 'wait_one', 'cancel_previous')),
    constraint on_gap_must_be_at_change_or_skip check (on_gap in ('at_change', 'skip')),
    constraint on_overlap_must_be_first_second_or_both check (on_overlap in ('first', 'second', 'both')),
    constraint jitter_must_be_0_to_1_day check (jitter between '0' and '1 day'),
    constraint ends_at_must_be_a_time_before_the_year_2200 check (ends_at > '-infinity' and ends_at < '2200-01-01 00:00:00+00')
);
comment on table outrider.schedules is 'What happens again and again by the clock on the wall. Made by outrider.create_schedule().';
comment on column outrider.schedules.cron is 'The five fields of crontab(5): minute, hour, day of month, month, day of week.';
comment on column outrider.schedules.definition is 'Of a campaign: what outrider.create_campaign() is called with. Of a job: its columns.';
comment on column outrider.schedules.lasts is 'So long after its time what it makes still sends: the campaign''s not_after, the job''s expires_at.';
comment on column outrider.schedules.missed is 'Of the times that passed while no worker ran: none fires (skip), the last (latest), or the last missed_limit (all).';
comment on column outrider.schedules.catch_up is 'How late a time may still fire. Null: an hour, or until the next time if that is sooner; a day where all fire.';
comment on column outrider.schedules.overlap is 'When its time comes and what it made before has not ended: make another (allow), pass the time over (skip), wait for the end, one at most (wait_one), or cancel that one (cancel_previous).';
comment on column outrider.schedules.on_gap is 'When the clock is set forward over its time: it fires then (at_change), or not (skip). One for every hour fires by the time that passes.';
comment on column outrider.schedules.on_overlap is 'When the clock is set back, and shows its time twice: at which it fires.';
comment on column outrider.schedules.jitter is 'It fires up to so much later: always the same for the same time, and before the next.';
comment on column outrider.schedules.login is 'Who made it or changed it last: an audience must be that login''s to read, each time.';

create table outrider.schedule_clocks (
    schedule_id   integer primary key,
    decided_until timestamptz not null,
    due_at        timestamptz,
    next_at       timestamptz,
    upcoming      timestamptz[] not null default '{}',
    upcoming_real timestamptz[] not null default '{}',
    words         text,
    problem       text,
    paused_at     timestamptz,
    paused_reason text,
    resumed_at    timestamptz
) with (fillfactor = 50);
comment on table outrider.schedule_clocks is 'How far each schedule has come: the part of it that changes.';
comment on column outrider.schedule_clocks.decided_until is 'Every time up to this one has its row in outrider.schedule_fires. It is never set back, so no time comes twice.';
comment on column outrider.schedule_clocks.due_at is 'When a worker looks at it: at its next time, and once a day whatever that is, as the rules of zones change. Null: it has no time any more.';
comment on column outrider.schedule_clocks.next_at is 'Its next time by the clock on the wall.';
comment on column outrider.schedule_clocks.upcoming is 'The next times as the last look found them, and in upcoming_real when each fires.';
comment on column outrider.schedule_clocks.words is 'The expression as a person would say it.';
comment on column outrider.schedule_clocks.problem is 'What kept the last look from being kept; it is tried again.';
comment on column outrider.schedule_clocks.resumed_at is 'When it was resumed last: times up to then that are not decided yet passed while it was paused.';
create index schedule_clocks_by_due_at on outrider.schedule_clocks (due_at, schedule_id);

create table outrider.schedule_fires (
    schedule_id integer not null,
    nominal_at  timestamptz not null,
    real_at     timestamptz not null,
    at          timestamptz not null default clock_timestamp(),
    outcome     text not null,
    reason      text,
    cause       text not null,
    login       text not null default session_user,
    campaign_id integer,
    job_id      bigint,
    primary key (schedule_id, nominal_at),
    constraint fire_outcome_must_be_known check (outcome in ('fired', 'waiting', 'skipped', 'failed')),
    constraint fire_cause_must_be_known check (cause in ('time', 'trigger', 'backfill'))
);
comment on table outrider.schedule_fires is 'What became of each time of a schedule. Whoever inserts the row makes the campaign or the job in the same transaction.';
comment on column outrider.schedule_fires.nominal_at is 'The time by the clock on the wall.';
comment on column outrider.schedule_fires.real_at is 'When it was to fire: the same, but for the jitter.';
comment on column outrider.schedule_fires.outcome is 'fired; waiting: until what was made before has ended; skipped or failed: see reason.';
create index schedule_fires_waiting on outrider.schedule_fires (schedule_id) where outcome = 'waiting';
create index schedule_fires_fired on outrider.schedule_fires (schedule_id, nominal_at) where outcome = 'fired';
create index schedule_fires_skipped on outrider.schedule_fires (nominal_at) where outcome in ('skipped', 'failed');

create table outrider.schedule_events (
    id          bigint generated always as identity primary key,
    schedule_id integer not null,
    at          timestamptz not null default clock_timestamp(),
    login       text not null default session_user,
    what        text not null,
    reason      text,
    detail      jsonb not null default '{}',
    person      text
);
comment on table outrider.schedule_events is 'Who did what to a schedule, when and why. Only ever added.';
comment on column outrider.schedule_events.person is 'For whom the login acted, as the operator page knows the person; null where the login says it all.';
create index schedule_events_by_schedule on outrider.schedule_events (schedule_id, id);

create table outrider.schedule_backfills (
    id          integer generated always as identity primary key,
    schedule_id integer not null,
    next_after  timestamptz not null,
    until_at    timestamptz not null,
    login       text not null default session_user,
    fired       integer not null default 0,
    created_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    constraint backfill_must_be_of_times_that_have_passed check (until_at <= created_at)
);
comment on table outrider.schedule_backfills is 'Times that have passed and are to fire all the same: a worker works it off.';
comment on column outrider.schedule_backfills.next_after is 'Times up to this one are done.';

-- ---------------------------------------------------------------------------------------------------------------
-- Cron expressions. Workers read them with Delivery/Schedule; here what could not be read is refused when it is written.

create function outrider.cron_value(part text, unit integer) returns integer
    language sql immutable parallel safe
    return case when unit = 4 and part in ('JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC')
                then array_position(array['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'], part)
                when unit = 5 and part in ('SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT')
                then array_position(array['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'], part) - 1
                when part ~ '^[0-9]{1,40}$' and part::numeric <= 9223372036854775807 then least(part::numeric, 1000)::integer end;
comment on function outrider.cron_value(text, integer) is 'The number of a value in the field (1 minute to 5 day of week) of a cron expression, at most 1000; null when it is none.';

create function outrider.cron_field(field text, unit integer, out numbers integer[], out problem text)
    language plpgsql immutable parallel safe set search_path = pg_catalog, outrider, pg_temp as $$
declare
    lowest constant integer := ('{0,0,1,1,0}'::integer[])[unit];
    highest constant integer := ('{59,23,31,12,7}'::integer[])[unit];
    bounds constant text := format(' (%s to %s)', lowest, highest);
    item text;
    range text;
    step integer;
    first integer;
    last integer;
begin
    numbers := '{}';
    foreach item in array string_to_array(field, ',') loop
        range := split_part(item, '/', 1);
        if range = '*' then
            first := lowest;
            last := case unit when 5 then 6 else highest end;
        else
            first := outrider.cron_value(split_part(range, '-', 1), unit);
            last := case when range like '%-%' then outrider.cron_value(substr(range, strpos(range, '-') + 1), unit) else first end;
            if first is null or last is null then
                problem := 'must have only numbers, names, *, ranges (1-5), lists (1,3) and steps (*/15)';
            elsif greatest(first, last) > highest or least(first, last) < lowest then
                problem := 'must have only values in its range' || bounds;
            elsif (case when unit = 5 and last = 0 and first > 0 then 7 else last end) < first then
                problem := 'must not have a range that ends before it begins: write two, such as 22-23,0-2';
            end if;
            last := case when unit = 5 and last = 0 and first > 0 then 7 else last end;
        end if;
        exit when problem is not null;
        step := 1;
        if item like '%/%' then
            step := outrider.cron_value(substr(item, strpos(item, '/') + 1), 0);
            if range <> '*' and range not like '%-%' then
                problem := 'must have a step only after * or a range, such as 5-59/15';
            elsif step is null then
                problem := 'must have only numbers, names, *, ranges (1-5), lists (1,3) and steps (*/15)';
            elsif step not between 1 and last - first + 1 then
                problem := 'must have a step of at least 1 and at most the length of its range';
            end if;
        end if;
        exit when problem is not null;
        numbers := numbers || array(select generate_series(first, last, step));
    end loop;
end $$;
comment on function outrider.cron_field(text, integer) is 'The numbers that a field (1 minute to 5 day of week) of a cron expression allows, or why it cannot be read.';

create function outrider.cron_problem(expression text) returns text
    language plpgsql immutable parallel safe set search_path = pg_catalog, outrider, pg_temp as $$
declare
    units constant text[] := '{minute,hour,day of month,month,day of week}';
    longest constant integer[] := '{31,29,31,30,31,30,31,31,30,31,30,31}';
    words text[];
    days integer[];
    months integer[];
    field record;
begin
    if octet_length(expression) > 256 then
        return 'cron expression must have at most 256 bytes';
    elsif expression collate "C" ~ '[^\x01-\x7f]' then
        return 'cron expression must have only numbers, names, *, ranges (1-5), lists (1,3) and steps (*/15)';
    end if;
    words := regexp_split_to_array(btrim(upper(expression collate "C"), E' \t'), '[ \t]+');
    if cardinality(words) = 1 and words[1] like '@%' then
        return case when words[1] in ('@HOURLY', '@DAILY', '@MIDNIGHT', '@WEEKLY', '@MONTHLY', '@YEARLY', '@ANNUALLY') then null
                    else 'cron expression must be one of @hourly, @daily, @weekly, @monthly and @yearly, or have five fields' end;
    elsif cardinality(words) <> 5 then
        return 'cron expression must have five fields (minute, hour, day of month, month, day of week) with spaces between them';
    end if;
    for unit in 1 .. 5 loop
        field := outrider.cron_field(words[unit], unit);
        if field.problem is not null then
            return 'cron ' || units[unit] || ' ' || field.problem;
        end if;
        days := case unit when 3 then field.numbers else days end;
        months := case unit when 4 then field.numbers else months end;
    end loop;
    if words[5] like '*%' and not exists (select from unnest(months) as m where longest[m] >= (select min(d) from unnest(days) as d)) then
        return 'cron day of month must have a day that one of the months has, or it would never come';
    end if;
    return null;
end $$;
comment on function outrider.cron_problem(text) is 'Why a cron expression cannot be read, with the field and what to write instead; null when it can.';

create function outrider.zone_changes(zone text, from_at timestamptz, until_at timestamptz, out at bigint, out utc_offset integer)
    returns setof record
    language plpgsql stable set search_path = pg_catalog, outrider, pg_temp as $$
declare
    day record;
    low bigint;
    high bigint;
    middle bigint;
begin
    if not outrider.is_time_zone(zone) then
        return;
    end if;
    -- Day by day; where two days differ, the second of the change is halved out.
    for day in
        select t, extract(epoch from (t at time zone zone) - (t at time zone 'UTC'))::integer as after,
               lag(extract(epoch from (t at time zone zone) - (t at time zone 'UTC'))::integer) over (order by t) as before
          from generate_series(from_at, least(until_at, from_at + interval '100 years') + interval '1 day', interval '1 day') as t order by t
    loop
        if day.before is null then
            utc_offset := day.after;
            return next;
        elsif day.before <> day.after then
            high := extract(epoch from day.t);
            low := high - 86400;
            while high - low > 1 loop
                middle := (low + high) / 2;
                if extract(epoch from (to_timestamp(middle) at time zone zone) - (to_timestamp(middle) at time zone 'UTC'))::integer = day.before then
                    low := middle;
                else
                    high := middle;
                end if;
            end loop;
            at := high;
            utc_offset := day.after;
            return next;
        end if;
    end loop;
end $$;
comment on function outrider.zone_changes(text, timestamptz, timestamptz) is 'The offset of a zone, in seconds east of UTC: first as it is at the beginning (at is null), then each change, in seconds since 1970. Nothing of a zone that this server does not know.';
