-- When a campaign may write: hours and weekdays where the person lives.

set local lock_timeout = '5s';

create table outrider.campaign_windows (
    campaign_id integer primary key,
    opens       time not null,
    closes      time not null,
    days        integer[] not null default '{1,2,3,4,5,6,7}',
    constraint window_must_open_before_it_closes check (closes - opens >= interval '15 minutes'),
    constraint window_needs_a_day check (days <> '{}'),
    constraint window_days_must_be_1_to_7 check (days <@ '{1,2,3,4,5,6,7}'::integer[] and array_position(days, null) is null)
);
comment on table outrider.campaign_windows is 'In which hours of which weekdays a campaign writes, by the clock where each person lives. One without a row writes at any time.';
comment on column outrider.campaign_windows.days is 'ISO weekdays: 1 is Monday.';

-- ---------------------------------------------------------------------------------------------------------------
-- The rule of a window. A zone's clock is PostgreSQL's.

create function outrider.is_open_at(local_time timestamp, opens time, closes time, days integer[]) returns boolean
    language sql immutable parallel safe
    return local_time::time >= opens and local_time::time < closes and extract(isodow from local_time)::integer = any (days);
comment on function outrider.is_open_at(timestamp, time, time, integer[]) is 'Whether a window is open when a clock on the wall shows this.';

create function outrider.next_opening(after timestamptz, zone text, opens time, closes time, days integer[]) returns timestamptz
    language plpgsql stable parallel safe set search_path = pg_catalog, outrider, pg_temp as $$
declare
    today constant date := (after at time zone zone)::date;
    around timestamptz;
    first timestamptz;
begin
    if outrider.is_open_at(after at time zone zone, opens, closes, days) then
        return after;
    end if;
    for day in -1..15 loop
        -- PostgreSQL gives an hour that is left out the instant behind it, and of one that comes twice the second; and a clock that goes
        -- back may come back into the window. So what lies up to three hours around is looked at too: clocks change by quarters of an
        -- hour, on quarters of an hour.
        around := (today + day + opens) at time zone zone;
        select min(t) into first
          from (select around - k * interval '15 minutes' as t from generate_series(0, 12) k
                union all
                select to_timestamp(floor(extract(epoch from e) / 900) * 900) + k * interval '15 minutes'
                  from unnest(array[around, (today + day + closes) at time zone zone]) as e cross join generate_series(-12, 12) k) c
         where t > after and outrider.is_open_at(t at time zone zone, opens, closes, days);
        if first is not null then
            return first;
        end if;
    end loop;
    return null;
end $$;
comment on function outrider.next_opening(timestamptz, text, time, time, integer[]) is 'The first instant from this one on at which a window is open in a zone: this one itself where it is open.';

create function outrider.window_opens(for_campaign_id integer, zone text, at timestamptz) returns timestamptz
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select outrider.next_opening(window_opens.at, zone, w.opens, w.closes, w.days) from campaign_windows w where w.campaign_id = for_campaign_id
$$;
comment on function outrider.window_opens(integer, text, timestamptz) is 'When a campaign may write to people of this zone, from this instant on. Null: at any time.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who waits to be fed is kept apart by zone, so that nobody waits behind people whose window is closed.

alter table outrider.campaign_chunks add column time_zone text;
comment on column outrider.campaign_chunks.time_zone is 'The zone of its jobs, of a campaign with a window. Null: it has jobs of any zone.';

create function outrider.window_openings(for_campaign_id integer, ids bigint[], at timestamptz) returns table (time_zone text, opens bigint)
    language sql stable strict security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select z.time_zone, (extract(epoch from outrider.window_opens(for_campaign_id, z.time_zone, at)) * 1000000)::bigint
      from (select distinct j.time_zone from unnest(ids) as u (id) cross join lateral (select time_zone from jobs where jobs.id = u.id offset 0) j) z
$$;
comment on function outrider.window_openings(integer, bigint[], timestamptz) is 'When a campaign''s window opens next where the people of these jobs live, by zone, in microseconds since 1970. Nothing without a campaign.';

create function outrider.closed_zones(for_campaign_id integer) returns text[]
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select case when not exists (select from campaign_windows w where w.campaign_id = for_campaign_id) then '{}'
                else (select coalesce(array_agg(z.time_zone), '{}')
                        from (select distinct k.time_zone from campaign_chunks k where k.campaign_id = for_campaign_id and k.time_zone is not null) z
                       where outrider.window_opens(for_campaign_id, z.time_zone, clock_timestamp()) > clock_timestamp()) end
$$;
comment on function outrider.closed_zones(integer) is 'The zones of people who wait to be fed and to whom their campaign may not write now.';

create function outrider.put_back(for_campaign_id integer, ids bigint[]) returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    insert into campaign_chunks (first_id, last_id, campaign_id, at, run_at, xact, count, time_zone)
    select j.id, j.id, for_campaign_id, coalesce(j.run_at, '-infinity'), coalesce(j.run_at, '-infinity'), j.xact, 1,
           case when exists (select from campaign_windows w where w.campaign_id = for_campaign_id) then j.time_zone end
      from unnest(ids) as u (id) cross join lateral (select * from jobs where id = u.id offset 0) j
$$;
comment on function outrider.put_back(integer, bigint[]) is 'Puts jobs that were taken out of a campaign''s chunks back to those that wait to be fed, each in a chunk of one.';

create or replace function outrider.unfed(for_campaign_id integer, part integer, until timestamptz) returns bigint[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    campaign campaigns;
    ids bigint[];
    -- What is over is swept whatever the hour.
    closed constant text[] := case when until = 'infinity' then '{}' else outrider.closed_zones(for_campaign_id) end;
begin
    select * into campaign from campaigns where id = for_campaign_id;
    with picked as materialized (
        -- Whole ones as long as they fit; the last may be taken in part.
        select * from (
            select *, sum(count) over (order by at, first_id) - count as before
              from (select * from campaign_chunks
                     where campaign_id = for_campaign_id and at <= until and (time_zone is null or time_zone <> all (closed))
                     order by at, first_id limit 1000) c) s
         where before < part
    ), found as materialized (
        select p.first_id, p.last_id, p.at, p.run_at, p.xact, p.count, p.time_zone, j.id,
               row_number() over (order by p.at, p.first_id, j.id) as n
          from picked p
         cross join lateral (
               select id from jobs
                where id between p.first_id and p.last_id and jobs.xact = p.xact
                  and tenant = campaign.tenant and jobs.campaign = campaign.name
                  and (p.run_at is null or coalesce(jobs.run_at, '-infinity') = p.run_at)
                  and (p.time_zone is null or jobs.time_zone = p.time_zone)
                  and outrider.is_fed(jobs.campaign, outrider.job_priority(category, priority))
                order by id limit part + 1) j
    ), gone as (
        delete from campaign_chunks where first_id in (select first_id from picked)
    ), rest as (
        insert into campaign_chunks (first_id, last_id, campaign_id, at, run_at, xact, count, time_zone)
        select min(id) filter (where n > part), last_id, for_campaign_id, at, run_at, xact, count - count(*) filter (where n <= part), time_zone
          from found group by first_id, last_id, at, run_at, xact, count, time_zone having bool_or(n > part)
    )
    select coalesce(array_agg(id order by n), '{}') into ids from found where n <= part;
    return ids;
end $$;

create or replace function outrider.add_due_rows() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    -- After the rows are in, never now(): a worker's watermark relies on it.
    inserted_at timestamptz := clock_timestamp();
    closed text;
begin
    -- Routes are found once per distinct way of asking, not once per row.
    with asked as materialized (
        select distinct coalesce(tenant, '') as tenant, coalesce(channel, '') as channel, coalesce(ladder, '') as ladder,
               coalesce(template, '') as template, outrider.job_priority(category, priority) as priority,
               coalesce(campaign, '') as campaign
          from new_jobs where not outrider.is_fed(campaign, outrider.job_priority(category, priority))
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
                   and r.priority = outrider.job_priority(j.category, j.priority) and r.campaign = coalesce(j.campaign, '')
     where not outrider.is_fed(j.campaign, outrider.job_priority(j.category, j.priority));

    if exists (select from new_jobs where campaign is not null) then
        -- Their routes are found again when they are fed. Here what cannot be is refused, and a new campaign made.
        perform outrider.route(a.tenant, a.channel, a.ladder, a.template, a.priority, a.campaign)
           from (select distinct tenant, channel, ladder, template, outrider.job_priority(category, priority) as priority, campaign
                   from new_jobs where outrider.is_fed(campaign, outrider.job_priority(category, priority))) a;
        -- Rows of a dump were inserted by another transaction; their chunks and counts come with it.
        select c.name into closed from campaigns c
         where c.state = 'canceled' and (c.tenant, c.name) in (
               select tenant, campaign from new_jobs where xact = pg_current_xact_id()) limit 1;
        if found then
            raise exception 'campaign_must_not_be_canceled: the campaign "%" was canceled', closed using errcode = 'object_not_in_prerequisite_state',
                constraint = 'campaign_must_not_be_canceled', hint = 'What was canceled stays so. Choose another name.';
        end if;
        with asked as materialized (
            select c.id as campaign_id, coalesce(j.run_at, '-infinity') as run_at, j.wave, coalesce(j.variant, '') as variant,
                   outrider.calling_code(coalesce(j.address, j.phone)) as country,
                   outrider.is_fed(j.campaign, outrider.job_priority(j.category, j.priority)) as is_fed,
                   case when w.campaign_id is not null then j.time_zone end as zone, min(j.id) as first_id, max(j.id) as last_id, count(*) as count
              from new_jobs j join campaigns c on c.tenant = j.tenant and c.name = j.campaign left join campaign_windows w on w.campaign_id = c.id
             where j.xact = pg_current_xact_id()
             group by 1, 2, 3, 4, 5, 6, 7
        ), counted as (
            insert into campaign_deltas (campaign_id, wave, variant, country, people)
            select campaign_id, wave, variant, country, sum(count) from asked group by 1, 2, 3, 4
        ), ranged as (
            insert into campaign_ranges (first_id, last_id, campaign_id, wave, xact, count)
            select min(first_id), max(last_id), campaign_id, wave, pg_current_xact_id(), sum(count) from asked group by campaign_id, wave
        ), spread as (
            -- Hours of their own zone by zone make some forty times; where there are many, the chunk has them all.
            select campaign_id, count(distinct run_at) <= 64 as is_apart from asked where is_fed group by 1
        )
        insert into campaign_chunks (first_id, last_id, campaign_id, at, run_at, xact, count, time_zone)
        select min(first_id), max(last_id), campaign_id, min(run_at), case when is_apart then min(run_at) end, pg_current_xact_id(), sum(count), zone
          from asked join spread using (campaign_id) where is_fed
         group by campaign_id, is_apart, case when is_apart then run_at end, zone;
    end if;

    perform outrider.announce((select min(outrider.job_priority(category, priority)) from new_jobs));
    return null;
end $$;

create or replace function outrider.awaits_feed(job_id bigint, tenant text, campaign text, run_at timestamptz, xact xid8) returns boolean
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select awaits_feed.campaign is not null and exists (
        select from campaign_chunks k join campaigns c on c.id = k.campaign_id
         where int8range(k.first_id, k.last_id, '[]') @> awaits_feed.job_id and k.xact = awaits_feed.xact
           and c.tenant = awaits_feed.tenant and c.name = awaits_feed.campaign
           and (k.run_at is null or k.run_at = coalesce(awaits_feed.run_at, '-infinity'))
           and (k.time_zone is null or k.time_zone = (select j.time_zone from jobs j where j.id = awaits_feed.job_id)))
$$;

create or replace function outrider.strays(candidates bigint[]) returns bigint[]
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
       and exists (select from jobs j where j.id = c.id and j.created_at < clock_timestamp() - interval '1 minute'
                      -- As awaits_feed() says, which would cost ten times as much.
                      and not exists (select from campaign_chunks k join campaigns n on n.id = k.campaign_id
                                       where j.campaign is not null and int8range(k.first_id, k.last_id, '[]') @> j.id and k.xact = j.xact
                                         and n.tenant = j.tenant and n.name = j.campaign
                                         and (k.run_at is null or k.run_at = coalesce(j.run_at, '-infinity'))
                                         and (k.time_zone is null or k.time_zone = j.time_zone) offset 0) offset 0)
       and not exists (select from events o where o.job_id = c.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
       and not exists (select from events h where h.job_id = c.id and h.kind || '' = 'held'
                          and not exists (select from events r where r.job_id = h.job_id and r.generation = h.generation
                                             and r.kind || '' = 'released') offset 0)
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- What people set.

create function outrider.set_campaign_window(
    name text, opens time default null, closes time default null, days integer[] default '{1,2,3,4,5,6,7}',
    reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(set_campaign_window.name, set_campaign_window.tenant);
    last_instant constant timestamptz := (select d.not_after from campaign_definitions d where d.campaign_id = campaign.id);
    own_days constant integer[] := coalesce(set_campaign_window.days, '{1,2,3,4,5,6,7}');
begin
    if set_campaign_window.opens is null and set_campaign_window.closes is null then
        delete from campaign_windows w where w.campaign_id = campaign.id;
        perform outrider.note_campaign(campaign.id, 'window lifted', set_campaign_window.reason);
        return 'it writes at any time';
    elsif set_campaign_window.opens is null or set_campaign_window.closes is null then
        raise exception 'window_needs_both_hours: % is null', case when set_campaign_window.opens is null then 'opens' else 'closes' end using
            errcode = 'check_violation', constraint = 'window_needs_both_hours', hint = 'Give opens and closes, or neither: then it writes at any time.';
    elsif set_campaign_window.closes - set_campaign_window.opens < interval '15 minutes' then
        raise exception 'window_must_open_before_it_closes: opens is %, closes %', set_campaign_window.opens, set_campaign_window.closes using
            errcode = 'check_violation', constraint = 'window_must_open_before_it_closes',
            hint = 'It is open for 15 minutes at least, and does not go over midnight. The end of a day is 24:00.';
    end if;
    insert into campaign_windows as w (campaign_id, opens, closes, days)
    values (campaign.id, set_campaign_window.opens, set_campaign_window.closes, own_days)
    on conflict (campaign_id) do update set opens = excluded.opens, closes = excluded.closes, days = excluded.days;
    -- Somewhere on earth it must open before the campaign's end.
    if last_instant is not null and not exists (
        select from generate_series(-12, 14) as hours
         where outrider.next_opening(greatest(clock_timestamp(), campaign.starts_at), format('Etc/GMT%s', to_char(-hours, 'FMSG99')),
                                     set_campaign_window.opens, set_campaign_window.closes, own_days) < last_instant) then
        raise exception 'window_must_open_before_the_end: it does not open before %', last_instant using errcode = 'check_violation',
            constraint = 'window_must_open_before_the_end', hint = 'Nobody could be written to. Give other hours or days, or a later not_after.';
    end if;
    perform outrider.note_campaign(campaign.id, 'window set', set_campaign_window.reason, jsonb_build_object(
        'opens', set_campaign_window.opens, 'closes', set_campaign_window.closes, 'days', own_days));
    return format('it writes from %s to %s where the person lives', to_char(set_campaign_window.opens, 'HH24:MI'), to_char(set_campaign_window.closes, 'HH24:MI'));
end $$;
comment on function outrider.set_campaign_window(text, time, time, integer[], text, text) is
    'Says in which hours and on which weekdays (1 is Monday) a campaign writes, where each person lives. Without hours: at any time. Set it before the load: then people are fed zone by zone.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.is_open_at(timestamp, time, time, integer[]), outrider.next_opening(timestamptz, text, time, time, integer[])
    to outrider_app, outrider_worker, outrider_operator;
grant execute on function outrider.window_openings(integer, bigint[], timestamptz) to outrider_worker;
grant execute on function outrider.set_campaign_window(text, time, time, integer[], text, text) to outrider_app, outrider_operator;
grant select on outrider.campaign_windows to outrider_worker, outrider_gateway, outrider_operator;
