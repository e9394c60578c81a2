-- What a step of a ladder wants after a failure of a class, in place of what follows by itself.
--
-- Of the tables that are busy, this migration locks none.

set local lock_timeout = '5s';

create function outrider.is_failure_policy(policy jsonb) returns boolean
    language sql immutable parallel safe
    -- As FailureClass.policies in Delivery, which a test compares with it.
    return coalesce(jsonb_typeof(policy) = 'object', false)
       and not exists (select from jsonb_each_text(case jsonb_typeof(policy) when 'object' then policy else '{}' end) as e (class, word)
                        where not coalesce(word = any (case
                            when class in ('transient', 'rate_limited') then array['retry', 'wait', 'next', 'end']
                            when class in ('unreachable', 'no_answer', 'expired') then array['retry', 'next', 'end']
                            when class in ('uncertain', 'filtered', 'blocked', 'landline', 'unroutable', 'wrong_sender', 'unregistered', 'content')
                                then array['next', 'end']
                            when class = 'quiet_hours' then array['wait', 'end'] end), false));
comment on function outrider.is_failure_policy(jsonb) is 'True when a step may say this of failures: an object of classes, each with retry, wait, next or end where the class allows it.';

grant execute on function outrider.is_failure_policy(jsonb) to outrider_operator, outrider_worker;

alter table outrider.ladder_steps
    add column on_failure jsonb,
    add constraint step_on_failure_must_name_what_its_class_allows check (on_failure is null or outrider.is_failure_policy(on_failure));
comment on column outrider.ladder_steps.on_failure is 'What follows a failure, by class: retry the step, wait as the provider asks, go on to the next step, or end the job. Null, or a class left out: what follows by itself.';

create or replace function outrider.save_ladder(ladder_name text, steps jsonb, description text default null) returns integer
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
declare
    saved_id integer;
    saved_version integer;
    strange record;
begin
    if jsonb_typeof(steps) is distinct from 'array' then
        raise exception 'steps must be a JSON array of {"channel", "wait_seconds", …}' using errcode = 'invalid_parameter_value';
    end if;
    select n, left(k, 40) as key into strange
      from jsonb_array_elements(steps) with ordinality as e (s, n)
     cross join lateral jsonb_object_keys(case when jsonb_typeof(s) = 'object' then s else '{}' end) as k
     where k not in ('channel', 'wait_seconds', 'success', 'max_attempts', 'on_unknown', 'on_failure') order by n, k limit 1;
    if found then
        raise exception 'ladder "%": step % has "%", which no step has', ladder_name, strange.n, strange.key using
            errcode = 'check_violation', hint = 'A step has channel, wait_seconds, success, max_attempts, on_unknown and on_failure.';
    end if;
    insert into ladders (name, version, description)
    values (ladder_name, outrider.next_ladder_version(ladder_name), description)
    returning id, version into saved_id, saved_version;
    insert into ladder_steps (ladder_id, position, channel, wait_seconds, success, max_attempts, on_unknown, on_failure)
    select saved_id, n - 1, s ->> 'channel',
           coalesce((s ->> 'wait_seconds')::integer, case s ->> 'channel' when 'sms' then 20 when 'voice' then 90 when 'whatsapp' then 60 else 3600 end),
           coalesce(s ->> 'success', case s ->> 'channel' when 'voice' then 'answered' else 'delivered' end),
           coalesce((s ->> 'max_attempts')::smallint, 5), s ->> 'on_unknown', nullif(s -> 'on_failure', 'null')
      from jsonb_array_elements(steps) with ordinality as e (s, n);
    perform outrider.check_ladder(saved_id);
    return saved_version;
end $$;

create or replace function outrider.job_facts(
    for_job bigint, for_generation integer, for_step smallint, for_ladder integer, for_reason text, lane_sender integer,
    known_ladders integer[])
    returns table (
        tenant text, category text, priority integer, channel text, address text, locale text, time_zone text,
        wait_seconds integer, expires_us bigint, created_us bigint, data text, media_urls text[],
        is_template boolean, body text, subject text, html text, content_sid text, content_variables text[], dynamic_template text,
        sender_id integer, sender_address text, sender_display_name text, is_sender_enabled boolean,
        is_ended boolean, is_begun boolean, is_suppressed boolean, is_window_open boolean, ladder text, history text)
    language sql stable as $$
    -- `created_us` is when the job became due for the first time.
    -- No search_path and one select, so that PostgreSQL puts it into the statement that calls it.
    select j.tenant, j.category, outrider.job_priority(j.category, j.priority), c.channel, c.address, j.locale, j.time_zone,
           j.wait_seconds, (extract(epoch from j.expires_at) * 1000000)::bigint, (extract(epoch from greatest(j.run_at, j.created_at)) * 1000000)::bigint,
           j.data::text, j.media_urls, t.id is not null, coalesce(t.body, j.body), coalesce(t.subject, j.subject), t.html,
           t.content_sid, coalesce(t.content_variables, '{}'), t.dynamic_template,
           i.id, i.address, i.display_name, i.enabled,
           exists (select from outrider.events o  -- `kind || ''` hides the predicate of an index that stale statistics walk whole.
                    where o.job_id = for_job and o.generation = 0 and o.kind || '' = 'outcome' offset 0),
           exists (select from outrider.events e
                    where e.job_id = for_job and e.generation = for_generation and e.kind = 'intent' offset 0),
           exists (select from outrider.suppressions p
                    where p.address = outrider.one_spelling(c.address) and p.channel = c.channel and p.tenant in ('', j.tenant)
                      and p.category in ('', j.category) and p.lifted_at is null offset 0),
           exists (select from outrider.whatsapp_windows w
                    where c.channel = 'whatsapp' and w.address = outrider.one_spelling(c.address) and w.sender_address = i.address
                      and outrider.window_is_open(w.last_inbound_at, statement_timestamp())),
           case when for_ladder <> all (known_ladders) then (
                select json_agg(json_build_array(l.channel, l.wait_seconds, l.success, l.max_attempts, l.on_unknown, l.on_failure)
                                order by l.position)::text
                  from outrider.ladder_steps l where l.ladder_id = for_ladder) end,
           case when for_generation > 1 or for_reason <> 'dispatch' then (
                -- Lists, not objects, and not jsonb: a quarter of the time. The worker knows the places; add at the end only.
                select json_agg(json_build_array(
                            e.generation, e.kind, e.status, (extract(epoch from e.at) * 1000000)::bigint, e.step, e.code,
                            e.class, e.level, e.provider_id, e.token, e.detail))::text
                  from outrider.events e where e.job_id = for_job) end
      from (select * from outrider.jobs where id = for_job offset 0) j
      left join outrider.ladder_steps s on s.ladder_id = for_ladder and s.position = for_step
     cross join lateral (
           select coalesce(s.channel, j.channel) as channel,
                  case coalesce(s.channel, j.channel) when 'email' then coalesce(j.address, j.email)  -- as it was written
                       else coalesce(j.address, j.phone) end as address offset 0) c
      left join lateral (
           select * from outrider.senders
            where id = case when for_reason in ('dispatch', 'resume') then lane_sender
                            else (select e.sender_id from outrider.events e
                                   where e.job_id = for_job and e.generation = for_generation and e.kind = 'intent'
                                     and e.status = 'taken') end offset 0) i on true
      left join lateral (
           select * from outrider.templates m
            where m.name = j.template and m.channel = c.channel and m.tenant in ('', j.tenant)
              and m.locale in ('', split_part(j.locale, '-', 1), j.locale)
            order by m.tenant desc, length(m.locale) desc limit 1) t on true
$$;
