-- A job says which wave and which variant of its campaign it is; what an insert of jobs brings about.
--
-- Of the tables that are busy, this migration locks jobs alone: two would wait for each other in a circle with a worker.

set local lock_timeout = '5s';

alter table outrider.jobs
    add column variant text,
    add column wave    smallint not null default 1,
    add column xact    xid8 not null default pg_current_xact_id(),
    add constraint variant_must_be_1_to_63_characters check (length(variant) between 1 and 63) not valid;
comment on column outrider.jobs.variant is 'Which of several contents of its campaign this is: the report counts them apart.';
comment on column outrider.jobs.wave is 'Of a campaign: 1 at first; outrider.retry_campaign() asks again with the next number.';
comment on column outrider.jobs.xact is 'The transaction that inserted it. Two that insert at once take ids in turn: this tells their jobs apart.';
grant insert (variant) on outrider.jobs to outrider_app;
grant select (variant, wave) on outrider.jobs to outrider_gateway;

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
            raise exception 'campaign_must_not_be_canceled: the campaign "%" was canceled', closed using
                errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_must_not_be_canceled',
                hint = 'What was canceled stays so. Choose another name.';
        end if;
        with asked as materialized (
            select c.id as campaign_id, coalesce(j.run_at, '-infinity') as run_at, j.wave, coalesce(j.variant, '') as variant,
                   outrider.calling_code(coalesce(j.address, j.phone)) as country,
                   outrider.is_fed(j.campaign, outrider.job_priority(j.category, j.priority)) as is_fed,
                   min(j.id) as first_id, max(j.id) as last_id, count(*) as count
              from new_jobs j join campaigns c on c.tenant = j.tenant and c.name = j.campaign
             where j.xact = pg_current_xact_id()
             group by 1, 2, 3, 4, 5, 6
        ), counted as (
            insert into campaign_deltas (campaign_id, wave, variant, country, people)
            select campaign_id, wave, variant, country, sum(count) from asked group by 1, 2, 3, 4
        ), ranged as (
            insert into campaign_ranges (first_id, last_id, campaign_id, wave, xact, count)
            select min(first_id), max(last_id), campaign_id, wave, pg_current_xact_id(), sum(count) from asked group by campaign_id, wave
        ), spread as (
            -- A window that opens zone by zone makes some forty times; where there are many, the chunk has them all.
            select campaign_id, count(distinct run_at) <= 64 as is_apart from asked where is_fed group by 1
        )
        insert into campaign_chunks (first_id, last_id, campaign_id, at, run_at, xact, count)
        select min(first_id), max(last_id), campaign_id, min(run_at), case when is_apart then min(run_at) end, pg_current_xact_id(), sum(count)
          from asked join spread using (campaign_id) where is_fed group by campaign_id, is_apart, case when is_apart then run_at end;
    end if;

    perform outrider.announce((select min(outrider.job_priority(category, priority)) from new_jobs));
    return null;
end $$;
comment on function outrider.add_due_rows() is 'Gives every inserted job its first due row, or notes that it is to be fed, and refuses a tenant, ladder or template that does not exist. Once per statement, so bulk inserts stay fast.';

-- ---------------------------------------------------------------------------------------------------------------
-- A time zone is looked up once per statement and zone, not once per row.

drop trigger jobs_have_a_known_time_zone on outrider.jobs;
create or replace function outrider.refuse_unknown_time_zone() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if exists (select from (select distinct time_zone from new_jobs where time_zone <> 'UTC') z where not outrider.is_time_zone(time_zone))
       and outrider.displacement() is null then
        raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
            hint = 'Write it as PostgreSQL knows it, for example Europe/Warsaw.';
    end if;
    return null;
end $$;
comment on function outrider.refuse_unknown_time_zone() is 'Refuses a time zone that this server does not know. Rows of a dump come in all the same.';
create trigger jobs_have_a_known_time_zone after insert on outrider.jobs
    referencing new table as new_jobs for each statement execute function outrider.refuse_unknown_time_zone();

-- ---------------------------------------------------------------------------------------------------------------
-- Jobs that wait to be fed are not stray.

create function outrider.awaits_feed(job_id bigint, tenant text, campaign text, run_at timestamptz, xact xid8) returns boolean
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select awaits_feed.campaign is not null and exists (
        select from campaign_chunks k join campaigns c on c.id = k.campaign_id
         where int8range(k.first_id, k.last_id, '[]') @> awaits_feed.job_id and k.xact = awaits_feed.xact
           and c.tenant = awaits_feed.tenant and c.name = awaits_feed.campaign
           and (k.run_at is null or k.run_at = coalesce(awaits_feed.run_at, '-infinity')))
$$;
comment on function outrider.awaits_feed(bigint, text, text, timestamptz, xid8) is 'Whether this job of a campaign has no due row yet because it is to be fed.';

create or replace function outrider.stranded_jobs(at_most integer default 1000) returns setof bigint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select j.id from jobs j
     where not exists (select from events o where o.job_id = j.id and o.generation = 0 and o.kind = 'outcome')
       and not exists (select from due d where d.job_id = j.id)
       and not exists (select from leases l where j.id = any (l.job_ids))
       and not exists (select from events h where h.job_id = j.id and h.kind = 'held'
                          and not exists (select from events r where r.job_id = j.id and r.generation = h.generation
                                             and r.kind = 'released'))
       and not outrider.awaits_feed(j.id, j.tenant, j.campaign, j.run_at, j.xact)
     order by j.id limit at_most
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
                                         and (k.run_at is null or k.run_at = coalesce(j.run_at, '-infinity')) offset 0) offset 0)
       and not exists (select from events o where o.job_id = c.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
       and not exists (select from events h where h.job_id = c.id and h.kind || '' = 'held'
                          and not exists (select from events r where r.job_id = h.job_id and r.generation = h.generation
                                             and r.kind || '' = 'released') offset 0)
$$;
