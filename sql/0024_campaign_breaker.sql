-- A campaign that goes wrong stops by itself: carriers filter it, people have opted out at the provider, or its sender is not set up.
--
-- The column of definitions is for 0027, and stands here for the reason that 0023 gives: this migration locks no other table in use.

set local lock_timeout = '5s';

alter table outrider.campaign_definitions add column holdout_percent numeric(5, 2) not null default 0,
    add constraint holdout_percent_must_be_0_to_99_99 check (holdout_percent between 0 and 99.99);
comment on column outrider.campaign_definitions.holdout_percent is 'Which share of its people gets nothing, so that one can see what the campaign does.';

-- ---------------------------------------------------------------------------------------------------------------
-- What is counted: attempts that failed, by class. A person whom a later step reaches is no failure of the campaign, but the
-- attempt that a carrier filtered was one. An insert of its own in the commit that says so; workers fold the rows.

create table outrider.campaign_failures (
    campaign_id   integer not null,
    class         text not null,
    failed        bigint not null,
    failed_before bigint not null default 0,
    primary key (campaign_id, class)
);
comment on table outrider.campaign_failures is 'How many attempts of a campaign failed, by class, but for the rows of outrider.campaign_failure_deltas.';
comment on column outrider.campaign_failures.failed_before is 'Those of them from before a person let the campaign go on: nobody judges them again.';

create table outrider.campaign_failure_deltas (
    campaign_id integer not null,
    class       text not null,
    failed      bigint not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table outrider.campaign_failure_deltas is 'What one commit adds to the failures of a campaign. Inserted and deleted, never updated.';
alter table outrider.campaign_failure_deltas replica identity full;

create table outrider.campaign_limits (
    campaign_id           integer primary key,
    filtered_percent      numeric not null default 10,
    opted_out_percent     numeric not null default 5,
    configuration_percent numeric not null default 2,
    judged_from           integer not null default 100,
    delivered_before      bigint not null default 0,
    begun_before          bigint not null default 0,
    stopped_at            timestamptz,
    is_spent              boolean not null default false,
    constraint breaker_percent_must_be_0_to_100 check (
        filtered_percent between 0 and 100 and opted_out_percent between 0 and 100 and configuration_percent between 0 and 100),
    constraint breaker_must_judge_from_10_to_1000000_results check (judged_from between 10 and 1000000)
);
comment on table outrider.campaign_limits is 'What a campaign may not pass. One without a row has the defaults of the columns.';
comment on column outrider.campaign_limits.filtered_percent is 'It pauses by itself when more of its messages than this were filtered by carriers. 100 is never.';
comment on column outrider.campaign_limits.opted_out_percent is 'The same of messages that the provider refused because the person has opted out there.';
comment on column outrider.campaign_limits.configuration_percent is 'The same of messages that failed because the sender or the account is not set up for them.';
comment on column outrider.campaign_limits.judged_from is 'So many results say something. A result is a person reached or an attempt that failed.';
comment on column outrider.campaign_limits.delivered_before is 'People who had been reached when a person let it go on: they are not judged again.';
comment on column outrider.campaign_limits.begun_before is 'Messages that had been begun by then.';
comment on column outrider.campaign_limits.stopped_at is 'When it paused by itself; null once a person has decided.';
comment on column outrider.campaign_limits.is_spent is 'Whether its budget paused it.';

create function outrider.count_failures(ids bigint[], generations integer[], classes text[]) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    counted bigint;
begin
    -- Each attempt once: of two words about its failure the second says nothing new.
    insert into campaign_failure_deltas (campaign_id, class, failed)
    select c.id, f.class, count(*)
      from (select job_id, generation, min(class) as class, count(*) as words
              from unnest(ids, generations, classes) as u (job_id, generation, class) group by 1, 2) f
     cross join lateral (select tenant, campaign from jobs where id = f.job_id and campaign is not null offset 0) j
      join campaigns c on c.tenant = j.tenant and c.name = j.campaign
     where f.words = (select count(*) from events e where e.job_id = f.job_id and e.generation = f.generation and e.class is not null)
     group by 1, 2;
    get diagnostics counted = row_count;
    return counted;
end $$;
comment on function outrider.count_failures(bigint[], integer[], text[]) is 'Counts attempts of campaigns that have just failed, with the class of each. Jobs of no campaign are passed over.';

create function outrider.fold_failures(at_most integer default 20000) returns integer[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    news integer[];
begin
    with taken as materialized (
        delete from campaign_failure_deltas where ctid = any (array(
            select ctid from campaign_failure_deltas limit at_most for update skip locked))
        returning *
    ), counted as (
        insert into campaign_failures as f (campaign_id, class, failed)
        select campaign_id, class, sum(failed) from taken group by 1, 2 order by 1, 2
        on conflict (campaign_id, class) do update set failed = f.failed + excluded.failed
    )
    select coalesce(array_agg(distinct campaign_id), '{}') into news from taken;
    return news;
end $$;
comment on function outrider.fold_failures(integer) is 'Takes rows of outrider.campaign_failure_deltas into the counts, and returns the campaigns that they are of.';

-- ---------------------------------------------------------------------------------------------------------------
-- The judgement.

create function outrider.reached_people(for_campaign_id integer) returns bigint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce(sum(ended), 0)::bigint
      from (select ended from campaign_counts where campaign_id = for_campaign_id and outcome = 'delivered'
            union all
            select ended from campaign_deltas where campaign_id = for_campaign_id and outcome = 'delivered') c
$$;
comment on function outrider.reached_people(integer) is 'How many people of a campaign were reached.';

create function outrider.begun_messages(for_campaign_id integer) returns bigint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce(sum(attempts), 0)::bigint
      from (select attempts from campaign_counts where campaign_id = for_campaign_id
            union all
            select attempts from campaign_deltas where campaign_id = for_campaign_id) c
$$;
comment on function outrider.begun_messages(integer) is 'How many messages of a campaign were begun, repeats and later steps included.';

create function outrider.breaker_reason(for_campaign_id integer) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    own campaign_limits;
    results bigint;
    begun bigint;
    judged bigint;
    worst record;
begin
    -- Most campaigns have none of these failures, and are done here.
    if not exists (select from campaign_failures f where f.campaign_id = for_campaign_id and f.failed > f.failed_before
                      and f.class in ('filtered', 'opted_out', 'configuration')) then
        return null;
    end if;
    select * into own from campaign_limits where campaign_id = for_campaign_id;
    results := outrider.reached_people(for_campaign_id) - coalesce(own.delivered_before, 0)
               + coalesce((select sum(failed - failed_before) from campaign_failures where campaign_id = for_campaign_id), 0);
    if results < coalesce(own.judged_from, 100) then
        return null;
    end if;
    -- A failure is known at once, and that somebody was reached later, or never. So what is on its way counts among the rest.
    begun := outrider.begun_messages(for_campaign_id) - coalesce(own.begun_before, 0);
    judged := greatest(results, begun);
    select r.*, f.failed - f.failed_before as count into worst
      from (values
           ('filtered', coalesce(own.filtered_percent, 10), 'were filtered by carriers', 'Look at the text, its links and the sender''s registration'),
           ('opted_out', coalesce(own.opted_out_percent, 5), 'were refused because the person has opted out', 'Look at where the audience comes from'),
           ('configuration', coalesce(own.configuration_percent, 2), 'failed because the sender or the account is not set up for them',
            'See the codes in outrider campaign report and at the provider')) as r (class, percent, what, remedy)
      join campaign_failures f on f.campaign_id = for_campaign_id and f.class = r.class
     where (f.failed - f.failed_before) * 100 > judged * r.percent
     order by (f.failed - f.failed_before) / (judged * r.percent + 1) desc limit 1;
    if not found then
        return null;
    end if;
    return format('%s %% of %s %s %s, and %s %% is the most. %s; then resume it, or cancel it.',
                  round(worst.count * 100.0 / judged, 1), judged, case when begun >= results then 'messages' else 'results' end, worst.what, trim_scale(worst.percent), worst.remedy);
end $$;
comment on function outrider.breaker_reason(integer) is 'Why a campaign''s failures do not let it go on; null when they do. Judged are the failures and messages since a person let it go on.';

create function outrider.stop_campaign(for_campaign_id integer, why text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update campaigns c set state = 'paused', paused_at = clock_timestamp(), paused_reason = 'paused by itself: ' || why
     where c.id = for_campaign_id and c.state = 'running';
    if found then
        perform outrider.note_campaign(for_campaign_id, 'paused by itself', why);
    end if;
end $$;
comment on function outrider.stop_campaign(integer, text) is 'Pauses a campaign because of a rule, not of a person.';

-- ---------------------------------------------------------------------------------------------------------------
-- What people decide.

create function outrider.set_campaign_breaker(
    name text, filtered_percent numeric default null, opted_out_percent numeric default null, configuration_percent numeric default null,
    judged_from integer default null, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(set_campaign_breaker.name, set_campaign_breaker.tenant);
    limits campaign_limits;
begin
    insert into campaign_limits (campaign_id) values (campaign.id) on conflict do nothing;
    update campaign_limits l
       set filtered_percent = coalesce(set_campaign_breaker.filtered_percent, l.filtered_percent),
           opted_out_percent = coalesce(set_campaign_breaker.opted_out_percent, l.opted_out_percent),
           configuration_percent = coalesce(set_campaign_breaker.configuration_percent, l.configuration_percent),
           judged_from = coalesce(set_campaign_breaker.judged_from, l.judged_from)
     where l.campaign_id = campaign.id returning * into limits;
    perform outrider.note_campaign(campaign.id, 'breaker set', set_campaign_breaker.reason, jsonb_build_object(
        'filtered_percent', limits.filtered_percent, 'opted_out_percent', limits.opted_out_percent,
        'configuration_percent', limits.configuration_percent, 'judged_from', limits.judged_from));
    return format('it pauses by itself when, of %s results or more, over %s %% are filtered, %s %% have opted out or %s %% are not set up',
                  limits.judged_from, trim_scale(limits.filtered_percent), trim_scale(limits.opted_out_percent),
                  trim_scale(limits.configuration_percent));
end $$;
comment on function outrider.set_campaign_breaker(text, numeric, numeric, numeric, integer, text, text) is
    'Says at which share of failures a campaign pauses by itself. What is null stays as it is; 100 is never.';

create function outrider.forget_results(for_campaign_id integer) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- Also those that nobody has folded yet: one snapshot has each of them once. Nothing is folded here: that is news to a worker. Rows are
    -- locked class by class, as a worker locks them that folds.
    insert into campaign_failures as f (campaign_id, class, failed, failed_before)
    select for_campaign_id, class, 0, sum(failed)
      from (select class, failed from campaign_failures where campaign_id = for_campaign_id
            union all
            select class, failed from campaign_failure_deltas where campaign_id = for_campaign_id) a
     group by class order by class
    on conflict (campaign_id, class) do update set failed_before = excluded.failed_before;
    insert into campaign_limits as l (campaign_id, delivered_before, begun_before)
    values (for_campaign_id, outrider.reached_people(for_campaign_id), outrider.begun_messages(for_campaign_id))
    on conflict (campaign_id) do update
       set delivered_before = excluded.delivered_before, begun_before = excluded.begun_before, stopped_at = null, is_spent = false;
end $$;
comment on function outrider.forget_results(integer) is 'From now on a campaign is judged by what follows.';

create or replace function outrider.pause_campaign(name text, reason text, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(pause_campaign.name, pause_campaign.tenant);
    on_their_way bigint;
begin
    update campaigns c
       set state = 'paused', paused_at = clock_timestamp(), paused_reason = session_user || ': ' || coalesce(reason, 'no reason given')
     where c.id = campaign.id and c.state in ('running', 'finished');
    if not found then
        if campaign.state = 'paused' then
            -- What paused by itself stays so because a person says it: no rule lets it go on any more.
            perform from campaigns c where c.id = campaign.id and c.state = 'paused' for no key update;
            update campaign_limits l set stopped_at = null, is_spent = false
             where l.campaign_id = campaign.id and (l.stopped_at is not null or l.is_spent);
            if not found then
                return 'paused already';
            end if;
            update campaigns c set paused_reason = session_user || ': ' || coalesce(pause_campaign.reason, 'no reason given')
             where c.id = campaign.id and c.state = 'paused';
            perform outrider.note_campaign(campaign.id, 'paused', pause_campaign.reason);
            return 'paused: it had paused by itself, and goes on when somebody resumes it';
        end if;
        raise exception 'campaign_must_run: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_run', hint = 'Only one that runs can be paused.';
    end if;
    perform outrider.note_campaign(campaign.id, 'paused', pause_campaign.reason);
    -- What was begun in the last seconds may still leave; later no request body does.
    select count(*) into on_their_way from open_sends o where o.campaign_id = campaign.id and o.since > clock_timestamp() - interval '5 seconds';
    return 'paused: nothing more of it is begun' || case when on_their_way > 0 then format('; %s sends were under way', on_their_way) else '' end;
end $$;

-- Definer's rights: whoever may see the campaign may see its failures.
create view outrider.campaign_attempts_failed with (security_barrier) as
select c.id as campaign_id, c.tenant, c.name, f.class, sum(f.failed)::bigint as failed
  from (select campaign_id, class, failed from outrider.campaign_failures
        union all
        select campaign_id, class, failed from outrider.campaign_failure_deltas) f
  join outrider.campaigns c on c.id = f.campaign_id
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 group by 1, 2, 3, 4;
comment on view outrider.campaign_attempts_failed is 'How many attempts of each campaign failed, by class, also those of people whom a later one reached.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.count_failures(bigint[], integer[], text[]), outrider.fold_failures(integer) to outrider_worker;
grant execute on function outrider.set_campaign_breaker(text, numeric, numeric, numeric, integer, text, text) to outrider_app, outrider_operator;
grant select on outrider.campaign_attempts_failed to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.campaign_limits to outrider_gateway;
grant select on outrider.campaign_limits, outrider.campaign_failures, outrider.campaign_failure_deltas to outrider_worker, outrider_operator;
