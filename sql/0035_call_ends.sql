-- What is asked to be ended although a provider still holds it: calls that are queued or ring. A STOP, a cancel, another way
-- that got through and a ladder that goes on all leave a row in `ends`, in their own commit; workers ask the provider.
--
-- Of the tables that are busy, this migration locks none.

set local lock_timeout = '5s';

create table outrider.open_calls (
    address     text not null,
    job_id      bigint not null,
    generation  integer not null,
    tenant      text not null,
    campaign_id integer,
    begun_at    timestamptz not null default clock_timestamp(),
    primary key (address, job_id, generation)
);
comment on table outrider.open_calls is 'Calls that were begun within a day: by it a STOP finds those to its address, and a cancel those of its campaign. Twilio keeps a queued call for a day at most; older rows are dropped.';
comment on column outrider.open_calls.address is 'As outrider.one_spelling() has it.';
create index open_calls_by_campaign on outrider.open_calls (campaign_id) where campaign_id is not null;
create index open_calls_by_age on outrider.open_calls (begun_at);

create table outrider.ends (
    job_id     bigint not null,
    generation integer not null,
    reason     text not null,
    asked_at   timestamptz not null default clock_timestamp(),
    at         timestamptz not null default clock_timestamp(),
    tries      integer not null default 0,
    primary key (job_id, generation)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table outrider.ends is 'Attempts that are to be ended at the provider, one row each until it is known what came of it.';
comment on column outrider.ends.reason is 'opted_out: the person said STOP; canceled: the job or its campaign was; not_needed: another way got through, or the ladder went on.';
comment on column outrider.ends.at is 'When a worker may take it. One that takes it moves this on, so that another asks when nothing is heard of the first.';
create index ends_by_time on outrider.ends (at);

create function outrider.lock_calls_to(addresses text[]) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- The rows that words of one person wait for: who holds them may take them again.
    perform from word_locks where slot = any (array(select (hashtext(a) & 1023)::smallint from unnest(addresses) a))
      order by slot for no key update;
end $$;
comment on function outrider.lock_calls_to(text[]) is 'Makes a STOP and the beginning of a call to the same address wait for each other, so that whichever commits last sees the other.';

create function outrider.ask_ends(of_jobs bigint[], of_attempts integer[], because text) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    asked_for bigint;
begin
    with calls as materialized (
        select i.* from unnest(of_jobs, of_attempts) as a (job_id, generation)
         cross join lateral (select * from events e
                              where e.job_id = a.job_id and e.generation = a.generation and e.kind = 'intent'
                                and e.status = 'taken' and e.channel = 'voice' offset 0) i
         where not exists (select from events e
                            where e.job_id = a.job_id and e.generation = a.generation
                              and (e.kind || '' = 'answer' and e.status || '' in ('refused', 'not_sent', 'skipped')
                                   or e.kind || '' = 'receipt' and (e.class is not null or e.level in ('voicemail', 'answered'))
                                   or e.kind || '' = 'reconciled' and e.status || '' in ('ended', 'too late')) offset 0)
    ), asked as (
        insert into ends (job_id, generation, reason) select job_id, generation, because from calls order by 1, 2
        on conflict do nothing returning job_id, generation
    ), told as (
        insert into events (job_id, generation, kind, status, step, ladder_id, channel, sender_id, code)
        select job_id, generation, 'reconciled', 'asked to end', step, ladder_id, channel, sender_id, because
          from calls join asked using (job_id, generation) order by 1, 2
        on conflict do nothing
    )
    select count(*) into asked_for from asked;
    return asked_for;
end $$;
comment on function outrider.ask_ends(bigint[], integer[], text) is 'Has workers end those of these attempts that are calls and not known to be over. Returns how many were not asked for before.';

create function outrider.note_calls(of_jobs bigint[], of_attempts integer[], addresses text[], tenants text[], of_campaign integer) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if of_jobs is null then
        return 0;
    end if;
    perform outrider.lock_calls_to(array(select outrider.one_spelling(a) from unnest(addresses) a));
    insert into open_calls (address, job_id, generation, tenant, campaign_id)
    select outrider.one_spelling(c.address), c.job_id, c.generation, c.tenant, of_campaign
      from unnest(addresses, of_jobs, of_attempts, tenants) as c (address, job_id, generation, tenant)
     where c.address is not null order by 1, 2, 3
    on conflict do nothing;
    -- What was committed after the snapshot of whoever begins them.
    return (select outrider.ask_ends(array_agg(c.job_id), array_agg(c.generation), 'opted_out')
              from unnest(addresses, of_jobs, of_attempts, tenants) as c (address, job_id, generation, tenant)
             where exists (select from suppressions s
                            where s.address = outrider.one_spelling(c.address) and s.channel = 'voice'
                              and s.tenant in ('', c.tenant) and s.category in ('', (select j.category from jobs j where j.id = c.job_id))
                              and s.lifted_at is null offset 0))
         + (select outrider.ask_ends(of_jobs, of_attempts, 'canceled') from campaigns c where c.id = of_campaign and c.state = 'canceled');
end $$;
comment on function outrider.note_calls(bigint[], integer[], text[], text[], integer) is 'Remembers calls that begin now, so that a STOP or a cancel finds them, and ends those that one has just overtaken.';

create function outrider.end_calls_of_opted_out() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if not exists (select from added where channel = 'voice' and lifted_at is null) then
        return null;
    end if;
    perform outrider.lock_calls_to(array(select address from added where channel = 'voice'));
    if (select outrider.ask_ends(array_agg(c.job_id), array_agg(c.generation), 'opted_out')
          from added a
         cross join lateral (select * from open_calls o
                              where o.address = a.address and a.tenant in ('', o.tenant) offset 0) c
         where a.channel = 'voice' and a.lifted_at is null
           and a.category in ('', (select j.category from jobs j where j.id = c.job_id))) > 0 then
        perform outrider.announce(1);
    end if;
    return null;
end $$;
comment on function outrider.end_calls_of_opted_out() is 'Whoever says no to calls, by whatever door, is not rung by one that a provider has queued.';
create trigger end_calls_of_opted_out after insert on outrider.suppressions
    referencing new table as added for each statement execute function outrider.end_calls_of_opted_out();

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
    perform outrider.count_outcomes(array[job.id], '{canceled}', '{null}');
    perform outrider.ask_ends(array_agg(e.job_id), array_agg(e.generation), 'canceled') from events e where e.job_id = job.id and e.kind = 'intent';
    -- For a worker of the release before, which knows no `ends`.
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

create or replace function outrider.cancel_campaign(name text, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(cancel_campaign.name, cancel_campaign.tenant);
    people bigint;
    begun bigint;
    ended bigint;
begin
    update campaigns c
       set state = 'canceled', paused_at = coalesce(c.paused_at, clock_timestamp()), ended_at = null,
           paused_reason = 'canceled by ' || session_user || ': ' || coalesce(reason, 'no reason given')
     where c.id = campaign.id and c.state <> 'canceled';
    if not found then
        return 'canceled already';
    end if;
    update campaign_loads l set state = 'left', ended_at = clock_timestamp() where l.campaign_id = campaign.id and l.state in ('waiting', 'running');
    perform outrider.ask_ends(array_agg(o.job_id), array_agg(o.generation), 'canceled') from open_calls o where o.campaign_id = campaign.id;
    select coalesce(sum(t.people), 0), coalesce(sum(t.begun), 0), coalesce(sum(t.ended), 0) into people, begun, ended
      from campaign_totals t where t.campaign_id = campaign.id;
    perform outrider.note_campaign(campaign.id, 'canceled', cancel_campaign.reason, jsonb_build_object('people', people, 'begun', begun, 'ended', ended));
    perform pg_notify('outrider_due', '');
    return format('canceled: of %s people %s had ended, and a send had been begun for %s; nobody else gets anything', people, ended, begun);
end $$;
comment on function outrider.cancel_campaign(text, text, text) is 'Ends a campaign: nothing more of it is begun after the commit, and its calls that a provider has queued or rings are ended. Says for how many people a send had been begun.';

-- ---------------------------------------------------------------------------------------------------------------
-- Rights.

revoke all on outrider.open_calls, outrider.ends from public;
revoke all on function outrider.lock_calls_to(text[]), outrider.ask_ends(bigint[], integer[], text),
    outrider.note_calls(bigint[], integer[], text[], text[], integer), outrider.end_calls_of_opted_out() from public;
grant execute on function outrider.ask_ends(bigint[], integer[], text), outrider.note_calls(bigint[], integer[], text[], text[], integer) to outrider_worker;
grant select, update, delete on outrider.ends to outrider_worker;
grant select, delete on outrider.open_calls to outrider_worker;
grant select on outrider.ends to outrider_gateway, outrider_operator;
