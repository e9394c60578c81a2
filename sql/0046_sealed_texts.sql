-- What a message says may be sealed before it comes in: `outrider enqueue` does so where it has a key, and whoever else knows the
-- form. PostgreSQL never has the key and opens nothing. A worker opens the text in its own memory, just before it sends.
--
-- A sealed text has a column of its own, so no text of a person is ever taken for one, and none is ever sent as it stands.
-- Of the tables that are busy, this migration locks `jobs` alone, and rewrites nothing.

set local lock_timeout = '5s';

alter table outrider.jobs
    add column sealed text,
    drop constraint content_needs_a_body_or_a_template,
    add constraint content_needs_a_body_or_a_template
        check (body is not null or template is not null or sealed is not null or body_purged_at is not null) not valid,
    drop constraint email_needs_a_subject_or_a_template,
    add constraint email_needs_a_subject_or_a_template
        check (channel <> 'email' or subject is not null or template is not null or sealed is not null or body_purged_at is not null) not valid,
    -- A key's id has at most 32 characters. The shortest box is 28 bytes: a nonce, no text, a tag.
    add constraint sealed_must_be_v1_key_and_base64url
        check (sealed ~ '^v1[.][a-z0-9][a-z0-9_-]*[.][A-Za-z0-9_-]+$' collate "C"
               and length(split_part(sealed, '.', 2)) <= 32 and length(split_part(sealed, '.', 3)) >= 38) not valid,
    add constraint sealed_must_be_at_most_1000000_characters check (length(sealed) <= 1000000) not valid,
    add constraint sealed_takes_the_place_of_body_subject_and_data
        check (sealed is null or (body is null and subject is null and data = '{}')) not valid;
comment on column outrider.jobs.sealed is 'Body, subject and data, sealed by whoever asked: v1, the id of the key, and an AES-256-GCM box in base64url. Null: nothing is sealed.';

-- ---------------------------------------------------------------------------------------------------------------
-- Functions that carry what a job says: they purge it, or copy it as it stands.

create or replace function outrider.purge_jobs(ids bigint[], of_body boolean, of_address boolean) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    purged integer;
begin
    if ids is null then
        return 0;
    end if;
    update jobs j
       set body = case when of_body then null else j.body end,
           subject = case when of_body then null else j.subject end,
           data = case when of_body then '{}' else j.data end,
           sealed = case when of_body then null else j.sealed end,
           media_urls = case when of_body then '{}' else j.media_urls end,
           body_purged_at = case when of_body then coalesce(j.body_purged_at, clock_timestamp()) else j.body_purged_at end,
           address = case when of_address then null else j.address end,
           phone = case when of_address then null else j.phone end,
           email = case when of_address then null else j.email end,
           metadata = case when of_address then jsonb_strip_nulls(jsonb_build_object('retry_of', j.metadata -> 'retry_of')) else j.metadata end,
           address_purged_at = case when of_address then coalesce(j.address_purged_at, clock_timestamp()) else j.address_purged_at end
     where j.id = any (ids);
    get diagnostics purged = row_count;
    return purged;
end $$;

create or replace function outrider.retry(job_id bigint) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(retry.job_id);
    new_id bigint;
begin
    if not exists (select from events e where e.job_id = job.id and generation = 0 and kind = 'outcome') then
        raise exception 'job % has not ended: it is still being worked on', job.id using
            errcode = 'object_not_in_prerequisite_state', hint = 'See outrider.timeline(id); a held job is decided with outrider.release_held.';
    end if;
    if job.body_purged_at is not null or job.address_purged_at is not null then
        raise exception 'job_must_not_be_purged: % of job % was purged', case when job.address_purged_at is not null then 'the address' else 'the content' end, job.id using
            errcode = 'object_not_in_prerequisite_state', constraint = 'job_must_not_be_purged', hint = 'Ask for the message with a new row in outrider.jobs.';
    end if;
    -- Jobs never change and end once, so trying again is a new job. Its key makes a second call return the first one's id.
    insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, sealed, media_urls,
                      locale, time_zone, wait_seconds, priority, idempotency_key, campaign, metadata)
    values (job.tenant, job.kind, job.category, job.channel, job.address, job.ladder, job.phone, job.email, job.body, job.subject,
            job.template, job.data, job.sealed, job.media_urls, job.locale, job.time_zone, job.wait_seconds, job.priority,
            'outrider.retry/' || job.id, job.campaign, job.metadata || jsonb_build_object('retry_of', job.id))
    returning id into new_id;
    return coalesce(new_id, (select k.job_id from idempotency_keys k where k.tenant = job.tenant and k.key = 'outrider.retry/' || job.id));
end $$;

create or replace function outrider.retry_part(for_load integer, by_holder uuid, part integer default 5000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan as $$
declare
    load campaign_loads;
    campaign campaigns;
    last_id bigint;
    looked integer;
    purged integer;
begin
    select * into load from campaign_loads where id = for_load for update;
    if not found or load.holder is distinct from by_holder or load.state <> 'running' then
        raise exception 'load_must_be_yours: this load was ended or taken over' using errcode = 'object_not_in_prerequisite_state', constraint = 'load_must_be_yours',
            hint = 'Load again: whoever was added is not added twice.';
    end if;
    select * into campaign from campaigns where id = load.campaign_id;
    with looked_at as materialized (
        select j.* from unnest(outrider.campaign_part(campaign.id, load.next_id, part, load.wave)) as u (id)
         cross join lateral (select * from jobs where id = u.id offset 0) j
    ), failed as (
        -- Not those who were reached, do not want it, or may have been reached.
        select l.* from looked_at l
         cross join lateral (select code from events e where e.job_id = l.id and e.generation = 0 and e.kind || '' = 'outcome' offset 0) o
          left join lateral (select class from events e where e.job_id = l.id and e.class is not null
                              order by generation desc, at desc limit 1) f on true
         where o.code in ('exhausted', 'expired') and (load.classes is null or coalesce(f.class, o.code) = any (load.classes))
    ), whole as (
        select * from failed where body_purged_at is null and address_purged_at is null
    ), asked as (
        -- The key is the one of outrider.retry(): nobody is asked again twice, whoever does it.
        insert into jobs (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, sealed, media_urls, locale,
                          time_zone, expires_at, wait_seconds, priority, idempotency_key, campaign, variant, wave, metadata)
        select tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, sealed, media_urls, locale,
               time_zone, (select not_after from campaign_definitions d where d.campaign_id = campaign.id), wait_seconds, priority,
               'outrider.retry/' || id, f.campaign, variant, load.wave, metadata || jsonb_build_object('retry_of', id)
          from whole f order by id
    )
    select max(id), count(*), (select count(*) from failed) - (select count(*) from whole) into last_id, looked, purged from looked_at;
    update campaign_loads set next_id = coalesce(last_id, next_id), read = read + looked, refused = refused + purged, beat_at = clock_timestamp() where id = for_load;
    return looked;
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Which keys are still needed. The id of the key stands before the box, so no long text is read for it.

create function outrider.sealed_jobs(
    after bigint default 0, part integer default 50000, out keys text[], out waiting bigint[], out ended bigint[], out until bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
    seen bigint;
begin
    with looked_at as materialized (
        select j.id, split_part(left(j.sealed, 40), '.', 2) as key from jobs j where j.id > sealed_jobs.after order by j.id limit part
    ), judged as materialized (
        select l.key, exists (select from events o where o.job_id = l.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0) as is_ended
          from looked_at l where l.key is not null
    ), counted as (
        select key, count(*) filter (where not is_ended) as waiting, count(*) filter (where is_ended) as ended from judged group by key
    )
    select coalesce(array_agg(c.key order by c.key), '{}'), coalesce(array_agg(c.waiting order by c.key), '{}'),
           coalesce(array_agg(c.ended order by c.key), '{}'), (select max(id) from looked_at), (select count(*) from looked_at)
      into keys, waiting, ended, until, seen from counted c;
    until := case when seen < part then null else until end;
end $$;
comment on function outrider.sealed_jobs(bigint, integer) is
    'Among so many jobs after one of them, how many of each key are sealed and wait, or have ended; and where to go on. Null: no job is left.';

create function outrider.sealed_due(part integer default 20000) returns table (key text, count bigint)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp set plan_cache_mode = force_custom_plan as $$
    select split_part(left(j.sealed, 40), '.', 2), count(distinct j.id)
      from (select d.job_id from due d limit part) d cross join lateral (select * from jobs where id = d.job_id offset 0) j
     where j.sealed is not null group by 1
$$;
comment on function outrider.sealed_due(integer) is 'With which keys jobs are sealed, among so many of those that are due some time: for outrider doctor.';

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('skip', 'seal_broken', 'its sealed content does not open: it was changed, or another row''s was put in its place', 'ask for the message anew, and find out who writes to outrider.jobs'),
    ('defer', 'seal_key_missing', 'its content is sealed with a key that the worker does not have', 'add the key to OUTRIDER_SEAL_KEYS of every worker, and restart them');

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

grant insert (sealed) on outrider.jobs to outrider_app;
revoke all on function outrider.sealed_jobs(bigint, integer), outrider.sealed_due(integer) from public;
grant execute on function outrider.sealed_jobs(bigint, integer) to outrider_operator;
grant execute on function outrider.sealed_due(integer) to outrider_worker, outrider_gateway, outrider_operator;
