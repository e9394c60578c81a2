-- Campaigns: many jobs that are loaded, fed, paused, cancelled and counted as one.
--
-- A campaign's jobs are its recipients; there is no other list of them. A job that is not urgent gets no due row when it is
-- inserted: its range of ids is noted, and a worker feeds due rows as the campaign's lanes drain. So ten million people are
-- ten million jobs, and never more than some ten thousand due rows.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- What a campaign is.

alter table outrider.campaigns
    add column state     text not null default 'running',
    add column starts_at timestamptz,
    add column ended_at  timestamptz;
update outrider.campaigns set state = 'paused' where paused_at is not null;
alter table outrider.campaigns
    add constraint campaign_state_must_be_known check (state in ('draft', 'running', 'paused', 'canceled', 'finished')),
    add constraint campaign_is_open_while_it_runs check ((paused_at is null) = (state in ('running', 'finished')));
comment on table outrider.campaigns is 'Many jobs that are started, paused, cancelled and counted as one. A row is made by outrider.create_campaign(), or by the first job that names it.';
comment on column outrider.campaigns.state is 'draft, running, paused, canceled, finished: nobody is left to be written to. One that is finished goes on with the next job that names it.';
comment on column outrider.campaigns.paused_at is 'While this is set, no lane of the campaign is taken: it is a draft, paused or canceled. Receipts are still waited for.';
comment on column outrider.campaigns.starts_at is 'Nobody is written to before.';

create table outrider.campaign_definitions (
    campaign_id integer primary key,
    category    text not null,
    channel     text,
    ladder      text,
    template    text not null,
    data        jsonb not null default '{}',
    locale      text not null,
    time_zone   text not null,
    audience    text,
    not_after   timestamptz
);
comment on table outrider.campaign_definitions is 'What a campaign says, to whom, and until when: what the jobs that a load makes are made of. Apart from its state, which is read with every send.';
comment on column outrider.campaign_definitions.data is 'Values of the template for everybody; a person''s own come first.';
comment on column outrider.campaign_definitions.audience is 'The view or table whose rows are the people.';

create table outrider.campaign_events (
    id          bigint generated always as identity primary key,
    campaign_id integer not null,
    at          timestamptz not null default clock_timestamp(),
    login       text not null default session_user,
    what        text not null,
    reason      text,
    detail      jsonb not null default '{}'
);
comment on table outrider.campaign_events is 'Who did what to a campaign, when and why. Only ever added.';
create index campaign_events_by_campaign on outrider.campaign_events (campaign_id, id);

-- ---------------------------------------------------------------------------------------------------------------
-- Which jobs it has, and which of them have no due row yet.

create table outrider.campaign_ranges (
    first_id    bigint primary key,
    last_id     bigint not null,
    campaign_id integer not null,
    wave        smallint not null,
    xact        xid8 not null,
    count       bigint not null
);
comment on table outrider.campaign_ranges is 'Between which ids the jobs of a campaign stand, a row for each insert. Others'' jobs may stand between. Only ever added.';
comment on column outrider.campaign_ranges.xact is 'The transaction of the insert. Two that insert at once take ids in turn: this tells their jobs apart.';
create index campaign_ranges_by_campaign on outrider.campaign_ranges (campaign_id, first_id);

create table outrider.campaign_chunks (
    first_id    bigint primary key,
    last_id     bigint not null,
    campaign_id integer not null,
    at          timestamptz not null,
    run_at      timestamptz,
    xact        xid8 not null,
    count       bigint not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
comment on table outrider.campaign_chunks is 'Jobs of campaigns that have no due row yet. A row is inserted with its jobs and deleted when they are fed; the rest of a large one is inserted again.';
comment on column outrider.campaign_chunks.first_id is 'The id of the first of its jobs, so no two chunks share it.';
comment on column outrider.campaign_chunks.at is 'Not fed before: the earliest run_at of its jobs; -infinity when one has none.';
comment on column outrider.campaign_chunks.xact is 'The transaction that inserted its jobs.';
comment on column outrider.campaign_chunks.run_at is 'The run_at that all its jobs have, -infinity for none. Null: it has all jobs of the range, whatever their run_at.';
create index campaign_chunks_by_id on outrider.campaign_chunks using gist (int8range(first_id, last_id, '[]'));
create index campaign_chunks_by_campaign on outrider.campaign_chunks (campaign_id, at, first_id);

create table outrider.campaign_feeds (
    campaign_id integer primary key
);
comment on table outrider.campaign_feeds is 'A row to lock while a campaign is fed or swept: one worker at a time, and no pause waits for it.';
insert into outrider.campaign_feeds select id from outrider.campaigns;

-- ---------------------------------------------------------------------------------------------------------------
-- Counts. What happens adds a row in its own transaction, so nobody waits for a counter; workers fold the rows.

create table outrider.campaign_counts (
    campaign_id integer not null,
    wave        smallint not null,
    variant     text not null,
    country     text not null,
    channel     text not null,
    outcome     text not null,
    class       text not null,
    people      bigint not null default 0,
    begun       bigint not null default 0,
    attempts    bigint not null default 0,
    segments    bigint not null default 0,
    ended       bigint not null default 0,
    primary key (campaign_id, wave, variant, country, channel, outcome, class)
);
comment on table outrider.campaign_counts is 'What a campaign has come to, but for the rows of outrider.campaign_deltas that are not folded yet.';
comment on column outrider.campaign_counts.country is 'The calling code of the number, such as +48; empty for mail.';
comment on column outrider.campaign_counts.people is 'Jobs asked for.';
comment on column outrider.campaign_counts.begun is 'Jobs of which a first attempt was begun.';
comment on column outrider.campaign_counts.attempts is 'Attempts begun.';
comment on column outrider.campaign_counts.segments is 'What those cost of a sender''s rate: segments of texts, as known before they were rendered.';
comment on column outrider.campaign_counts.ended is 'Jobs that ended with this outcome, by the channel that ended them and the class of the last failure.';

create table outrider.campaign_deltas (
    campaign_id integer not null,
    at          timestamptz not null default clock_timestamp(),
    wave        smallint not null,
    variant     text not null,
    country     text not null,
    channel     text not null default '',
    outcome     text not null default '',
    class       text not null default '',
    people      bigint not null default 0,
    begun       bigint not null default 0,
    attempts    bigint not null default 0,
    segments    bigint not null default 0,
    ended       bigint not null default 0
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table outrider.campaign_deltas is 'What one commit adds to the counts of a campaign. Inserted and deleted, never updated.';
create index campaign_deltas_by_campaign on outrider.campaign_deltas (campaign_id);
alter table outrider.campaign_deltas replica identity full;

create table outrider.campaign_minutes (
    campaign_id integer not null,
    minute      timestamptz not null,
    begun       bigint not null,
    attempts    bigint not null,
    ended       bigint not null,
    primary key (campaign_id, minute)
);
comment on table outrider.campaign_minutes is 'How a campaign went, minute by minute.';

create function outrider.calling_code(address text) returns text
    language sql immutable parallel safe
    -- One expression, so that it is inlined. ITU-T E.164: 1 and 7 stand alone, these have two digits, the others three.
    return case
        when address is null or left(address, 1) <> '+' then ''
        when substr(address, 2, 1) in ('1', '7') then left(address, 2)
        when substr(address, 2, 2) in ('20', '27', '30', '31', '32', '33', '34', '36', '39', '40', '41', '43', '44', '45', '46', '47', '48',
                                       '49', '51', '52', '53', '54', '55', '56', '57', '58', '60', '61', '62', '63', '64', '65', '66',
                                       '81', '82', '84', '86', '90', '91', '92', '93', '94', '95', '98') then left(address, 3)
        else left(address, 4) end;
comment on function outrider.calling_code(text) is 'The calling code of a number, such as +48; empty for what is no number.';

create function outrider.fold_campaign_counts(at_most integer default 20000) returns boolean
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    folded bigint;
begin
    with taken as materialized (
        delete from campaign_deltas where ctid = any (array(select ctid from campaign_deltas limit at_most for update skip locked))
        returning *
    ), counted as (
        insert into campaign_counts as c (campaign_id, wave, variant, country, channel, outcome, class, people, begun, attempts, segments, ended)
        select campaign_id, wave, variant, country, channel, outcome, class,
               sum(people), sum(begun), sum(attempts), sum(segments), sum(ended)
          from taken group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
        on conflict (campaign_id, wave, variant, country, channel, outcome, class)
        do update set people = c.people + excluded.people, begun = c.begun + excluded.begun, attempts = c.attempts + excluded.attempts,
                      segments = c.segments + excluded.segments, ended = c.ended + excluded.ended
    ), charted as (
        insert into campaign_minutes as m (campaign_id, minute, begun, attempts, ended)
        select campaign_id, date_trunc('minute', at, 'UTC'), sum(begun), sum(attempts), sum(ended)
          from taken group by 1, 2 having sum(attempts) + sum(ended) > 0 order by 1, 2
        on conflict (campaign_id, minute)
        do update set begun = m.begun + excluded.begun, attempts = m.attempts + excluded.attempts, ended = m.ended + excluded.ended
    )
    select count(*) into folded from taken;
    return folded >= at_most;
end $$;
comment on function outrider.fold_campaign_counts(integer) is 'Takes rows of outrider.campaign_deltas into the counts, and says whether there are more.';

-- Definer's rights: whoever may see the campaign may see its counts.
create view outrider.campaign_totals with (security_barrier) as
select campaign_id, wave, variant, country, channel, outcome, class, sum(people)::bigint as people, sum(begun)::bigint as begun,
       sum(attempts)::bigint as attempts, sum(segments)::bigint as segments, sum(ended)::bigint as ended
  from (select campaign_id, wave, variant, country, channel, outcome, class, people, begun, attempts, segments, ended
          from outrider.campaign_counts
        union all
        select campaign_id, wave, variant, country, channel, outcome, class, people, begun, attempts, segments, ended
          from outrider.campaign_deltas) c
 where exists (select from outrider.campaigns k where k.id = campaign_id
                  and (k.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())))
 group by 1, 2, 3, 4, 5, 6, 7;
comment on view outrider.campaign_totals is 'The counts of campaigns as of now: what is folded and what is not.';

-- ---------------------------------------------------------------------------------------------------------------
-- Feeding.

create or replace function outrider.campaign_id(for_tenant text, campaign_name text) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_id integer;
begin
    select id into found_id from campaigns where tenant = for_tenant and name = campaign_name;
    if found_id is null then
        insert into campaigns (tenant, name) values (for_tenant, campaign_name) on conflict do nothing;
        select id into found_id from campaigns where tenant = for_tenant and name = campaign_name;
        insert into campaign_feeds values (found_id) on conflict do nothing;
    end if;
    return found_id;
end $$;

create function outrider.is_fed(campaign text, priority integer) returns boolean
    language sql immutable parallel safe
    return campaign is not null and priority >= 1;
comment on function outrider.is_fed(text, integer) is 'Whether a job waits to be fed: one of a campaign, unless it is as urgent as a one-time password.';

create function outrider.unfed(for_campaign_id integer, part integer, until timestamptz) returns bigint[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    campaign campaigns;
    ids bigint[];
begin
    select * into campaign from campaigns where id = for_campaign_id;
    with picked as materialized (
        -- Whole ones as long as they fit; the last may be taken in part.
        select * from (
            select *, sum(count) over (order by at, first_id) - count as before
              from (select * from campaign_chunks where campaign_id = for_campaign_id and at <= until
                     order by at, first_id limit 1000) c) s
         where before < part
    ), found as materialized (
        select p.first_id, p.last_id, p.at, p.run_at, p.xact, p.count, j.id, row_number() over (order by p.at, p.first_id, j.id) as n
          from picked p
         cross join lateral (
               select id from jobs
                where id between p.first_id and p.last_id and jobs.xact = p.xact
                  and tenant = campaign.tenant and jobs.campaign = campaign.name
                  and (p.run_at is null or coalesce(jobs.run_at, '-infinity') = p.run_at)
                  and outrider.is_fed(jobs.campaign, outrider.job_priority(category, priority))
                order by id limit part + 1) j
    ), gone as (
        delete from campaign_chunks where first_id in (select first_id from picked)
    ), rest as (
        insert into campaign_chunks (first_id, last_id, campaign_id, at, run_at, xact, count)
        select min(id) filter (where n > part), last_id, for_campaign_id, at, run_at, xact, count - count(*) filter (where n <= part)
          from found group by first_id, last_id, at, run_at, xact, count having bool_or(n > part)
    )
    select coalesce(array_agg(id order by n), '{}') into ids from found where n <= part;
    return ids;
end $$;
comment on function outrider.unfed(integer, integer, timestamptz) is 'Takes at most so many jobs of a campaign out of its chunks, those due until then, the earliest first. Who calls it has locked the campaign''s row of outrider.campaign_feeds, and gives them due rows or an outcome.';

create function outrider.feed_campaign(
    for_campaign_id integer, part integer default 5000, enough integer default 20000, most integer default 200000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_mergejoin = off as $$
declare
    campaign campaigns;
    own_lanes integer[];
    ids bigint[];
    fed integer;
begin
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    perform from campaign_feeds where campaign_id = for_campaign_id for update skip locked;
    if not found then
        return 0;  -- Another worker feeds it.
    end if;
    select * into campaign from campaigns where id = for_campaign_id;
    if campaign.paused_at is not null or campaign.starts_at > clock_timestamp() or outrider.displacement() is not null then
        return 0;
    end if;
    own_lanes := array(select id from lanes where campaign_id = for_campaign_id);
    -- What is due now keeps the senders busy. What comes later, quiet hours and retries, has a bound of its own.
    if (select count(*) from (select from unnest(own_lanes) as l (id) cross join lateral (
            select from due where lane = l.id and at <= statement_timestamp() limit enough) d limit enough) w) >= enough
       or (select count(*) from (select from unnest(own_lanes) as l (id) cross join lateral (
            select from due where lane = l.id limit most - part) d limit most - part) w) >= most - part then
        return 0;
    end if;
    ids := outrider.unfed(for_campaign_id, part, clock_timestamp() + interval '1 minute');
    with jobs_fed as materialized (
        select j.id, j.tenant, j.channel, j.ladder, j.template, outrider.job_priority(j.category, j.priority) as priority,
               j.run_at, j.address, j.phone, j.email, j.body, n
          from unnest(ids) with ordinality as u (id, n)
         cross join lateral (select * from jobs where id = u.id offset 0) j
    ), routes as materialized (
        select a.*, r.ladder_id, r.channel as first_channel, r.lanes
          from (select distinct tenant, coalesce(channel, '') as channel, coalesce(ladder, '') as ladder, priority from jobs_fed) a
          cross join lateral (
               select outrider.current_ladder(nullif(a.ladder, '')) as ladder_id) k
          cross join lateral (
               select k.ladder_id, c.channel, outrider.send_lanes(a.tenant, c.channel, a.priority, campaign.name) as lanes
                 from (select coalesce(nullif(a.channel, ''), (
                           select s.channel from ladder_steps s where s.ladder_id = k.ladder_id and s.position = 0)) as channel) c) r
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select greatest(j.run_at, clock_timestamp()), j.id,
           outrider.pick_lane(r.lanes, outrider.address_on(r.first_channel, j.address, j.phone, j.email)),
           'dispatch', 0, 1, r.ladder_id,
           case when r.first_channel = 'sms' then least(outrider.segments(j.body), 100) else 1 end
      from jobs_fed j
      join routes r on r.tenant = j.tenant and r.channel = coalesce(j.channel, '') and r.ladder = coalesce(j.ladder, '')
                   and r.priority = j.priority
     order by j.n;
    get diagnostics fed = row_count;
    if fed > 0 then
        -- It was finished, and somebody has joined.
        update campaigns set state = 'running', ended_at = null where id = for_campaign_id and state = 'finished';
        perform outrider.announce(2);
    end if;
    return fed;
end $$;
comment on function outrider.feed_campaign(integer, integer, integer, integer) is 'Gives jobs of a campaign their due rows, at most a part, as long as not enough of it is due; and never beyond the most. Returns how many. Does nothing while the campaign does not run.';

-- ---------------------------------------------------------------------------------------------------------------
-- What a cancellation, or the campaign's end, means for each job, is written down in the background.

create function outrider.sweep_campaign(for_campaign_id integer, part integer default 10000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    is_canceled constant boolean := (select state = 'canceled' from campaigns where id = for_campaign_id);
    is_late constant boolean := (select not_after <= clock_timestamp() from campaign_definitions where campaign_id = for_campaign_id);
    ids bigint[];
    why text := 'its campaign was to end before';
    counted bigint;
begin
    perform from campaign_feeds where campaign_id = for_campaign_id for update skip locked;
    if not found or outrider.displacement() is not null or (is_canceled or is_late) is not true then
        return 0;
    end if;
    if is_canceled then
        why := (select 'its campaign was canceled by ' || e.login from campaign_events e
                 where e.campaign_id = for_campaign_id and e.what = 'canceled' order by e.id desc limit 1);
    end if;
    ids := outrider.unfed(for_campaign_id, part, 'infinity');
    if ids = '{}' then
        with gone as materialized (
            delete from due where ctid = any (array(
                select d.place from lanes l cross join lateral (
                       select ctid as place from due where lane = l.id order by at, job_id limit part for update skip locked) d
                 where l.campaign_id = for_campaign_id limit part))
            returning job_id, generation
        )
        -- A second due row of an attempt that is under way says nothing of it.
        select coalesce(array_agg(distinct job_id), '{}') into ids from gone g
         where not exists (select from events e where e.job_id = g.job_id and e.generation = g.generation and e.kind = 'intent' offset 0);
    end if;
    with ended as (
        insert into events (job_id, generation, kind, status, code, reason)
        select id, 0, 'outcome', 'ended', case when is_canceled then 'canceled' else 'expired' end, why from unnest(ids) as id order by id
        on conflict do nothing returning job_id, code
    )
    select outrider.count_outcomes(array_agg(e.job_id), array_agg(e.code), array_agg(null::text)) into counted
      from ended e having count(*) > 0;
    return cardinality(ids);
end $$;
comment on function outrider.sweep_campaign(integer, integer) is 'Ends at most so many jobs of a campaign that was canceled or is past its end: those that have no due row yet, then those whose next send waits. Returns how many it looked at. What is under way ends by its receipts.';

create function outrider.campaigns_to_tend() returns table (id integer, is_over boolean)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- Steps from campaign to campaign along the index, so a long list of chunks costs nothing.
    with recursive present as (
        (select campaign_id from campaign_chunks order by campaign_id limit 1)
        union all
        select n.campaign_id from present p
         cross join lateral (select c.campaign_id from campaign_chunks c where c.campaign_id > p.campaign_id order by 1 limit 1) n
    ), known as (
        select c.*, c.state = 'canceled' or coalesce((select d.not_after <= clock_timestamp() from campaign_definitions d
                                                       where d.campaign_id = c.id), false) as is_over
          from present p join campaigns c on c.id = p.campaign_id
    )
    select k.id, k.is_over from known k where k.paused_at is null or k.is_over
    union
    select c.id, true from campaigns c
     where c.ended_at is null
       and (c.state = 'canceled' or exists (select from campaign_definitions d where d.campaign_id = c.id and d.not_after <= clock_timestamp()))
       and exists (select from lanes l where l.campaign_id = c.id and exists (select from due d where d.lane = l.id))
$$;
comment on function outrider.campaigns_to_tend() is 'The campaigns that have jobs to feed, and those that are over and have jobs to end.';
