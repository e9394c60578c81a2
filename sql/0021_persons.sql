-- Who acted, by name: the operator page acts through one login for several people, and for each click once.
--
-- No table that is busy is locked.

set local lock_timeout = '5s';

alter table outrider.campaign_events add column person text;
comment on column outrider.campaign_events.person is 'For whom the login acted, as the operator page knows the person. Only believed of a login with outrider_operator; null where the login says it all.';

create table outrider.operations (
    id     text primary key,
    person text,
    login  text not null default session_user,
    at     timestamptz not null default clock_timestamp()
);
comment on table outrider.operations is 'What the operator page was asked for, each once: a click that comes twice finds its row and does nothing. Rows older than two days are deleted.';
create index operations_by_age on outrider.operations (at);

create function outrider.act_for(person text, operation text) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    perform set_config('outrider.person', coalesce(left(act_for.person, 100), ''), true);
    delete from operations o where o.at < clock_timestamp() - interval '2 days';
    -- A second one waits here for the first: after its commit it finds the row, after its rollback it goes on.
    insert into operations (id, person) values (left(act_for.operation, 100), left(act_for.person, 100)) on conflict do nothing;
    return found;
end $$;
comment on function outrider.act_for(text, text) is 'Says for whom this transaction acts, and by which click. False: what that click asked for has been done.';

create function outrider.acting_person() returns text language sql stable as $$
    select case when pg_has_role(session_user, 'outrider_operator', 'member') then left(nullif(current_setting('outrider.person', true), ''), 100) end
$$;
comment on function outrider.acting_person() is 'The person for whom this transaction acts; null when nobody said so, or a login without outrider_operator did.';

create or replace function outrider.note_campaign(for_campaign_id integer, what text, reason text, detail jsonb default '{}') returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    insert into campaign_events (campaign_id, what, reason, detail, person)
    values (for_campaign_id, what, left(reason, 1000), detail, outrider.acting_person())
$$;

create or replace view outrider.campaign_history with (security_barrier) as
select e.campaign_id, c.tenant, c.name, e.at, e.login, e.what, e.reason, e.detail, e.id, e.person
  from outrider.campaign_events e join outrider.campaigns c on c.id = e.campaign_id
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());

create function outrider.note_schedule(for_schedule_id integer, what text, reason text, detail jsonb default '{}') returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    insert into schedule_events (schedule_id, what, reason, detail, person)
    values (for_schedule_id, what, left(reason, 1000), detail, outrider.acting_person())
$$;
comment on function outrider.note_schedule(integer, text, text, jsonb) is 'Keeps who did what to a schedule.';

-- What a preview needs of people who were loaded from a file: nobody but their jobs knows them any more.
create function outrider.loaded_people(name text, after bigint default 0, at_most integer default 5000, tenant text default outrider.current_tenant())
    returns table (job_id bigint, person text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    campaign campaigns := outrider.visible_campaign(loaded_people.name, loaded_people.tenant);
    -- With variants each has its own. What says which is made in 0027.
    templates constant text[] := array(select v.template from outrider.variant_ranges(campaign.id) v where v.template is not null);
begin
    return query
    select j.id, case when j.template = any (templates) then jsonb_build_object(
                 'key', coalesce(j.metadata ->> 'key', j.id::text), 'address', j.address, 'phone', j.phone, 'email', j.email,
                 'locale', j.locale, 'time_zone', j.time_zone, 'data', j.data)::text end
      from unnest(outrider.campaign_part(campaign.id, after, at_most)) as u (id)
     cross join lateral (select * from jobs where id = u.id offset 0) j
     order by j.id;
end $$;
comment on function outrider.loaded_people(text, bigint, integer, text) is 'The people of a campaign''s jobs after this id, as rows of an audience; null for a job that says something else than the campaign. For a preview by an operator.';

revoke all on function outrider.note_schedule(integer, text, text, jsonb), outrider.act_for(text, text), outrider.acting_person(), outrider.loaded_people(text, bigint, integer, text) from public;
grant execute on function outrider.act_for(text, text), outrider.acting_person(), outrider.loaded_people(text, bigint, integer, text) to outrider_operator;
grant select on outrider.operations to outrider_operator;
