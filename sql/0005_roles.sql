-- Four roles without login. Grant one to each login: outrider_app to applications, the others to Outrider's own
-- processes and people. Roles belong to the whole server, so they may exist already.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['outrider_app', 'outrider_worker', 'outrider_gateway', 'outrider_operator'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception
                when insufficient_privilege then
                    raise exception 'role % is missing and this login may not create it', wanted using
                        errcode = 'insufficient_privilege',
                        hint = format('Run as an administrator: create role %I nologin;  then run outrider migrate again.', wanted);
                when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;
end $$;

revoke all on schema outrider from public;
revoke all on all tables in schema outrider from public;
revoke all on all functions in schema outrider from public;
grant usage on schema outrider to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.schema_migrations to outrider_worker, outrider_gateway, outrider_operator;  -- asked at each start

-- Functions the constraints, defaults and views call for whoever inserts or reads.
grant execute on function outrider.is_time_zone(text), outrider.are_https_urls(text[]), outrider.current_tenant(), outrider.is_staff(),
    outrider.segments(text), outrider.long_segments(text), outrider.job_priority(text, smallint),
    outrider.address_on(text, text, text, text), outrider.phone_channels(), outrider.window_is_open(timestamptz, timestamptz)
    to outrider_app, outrider_worker, outrider_gateway, outrider_operator;

-- An application inserts jobs and sees its own tenant's. It cannot read bodies back, nor touch events or due. The id and
-- the time of asking are not its to choose: an id taken ahead would make other tenants' inserts fail.
grant insert (tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls,
              locale, time_zone, run_at, expires_at, wait_seconds, priority, idempotency_key, campaign, metadata)
    on outrider.jobs to outrider_app;
grant select (id) on outrider.jobs to outrider_app;
grant select on outrider.job_status, outrider.ladders, outrider.ladder_steps to outrider_app;
grant execute on function outrider.job_of_key(text), outrider.timeline(bigint), outrider.cancel(bigint), outrider.retry(bigint),
    outrider.pause_campaign(text, text, text), outrider.resume_campaign(text, text) to outrider_app;

-- The worker claims, records and keeps house. It cannot ask for a message, nor change who may send or what is said.
grant select on all tables in schema outrider to outrider_worker;
grant insert, delete on outrider.due, outrider.leases, outrider.rate_windows, outrider.open_sends to outrider_worker;
grant insert on outrider.adopted_sends to outrider_worker;
grant update on outrider.due to outrider_worker;  -- for update skip locked asks for it; no statement updates a row
grant update on outrider.leases to outrider_worker;  -- to give up a batch it cannot read
grant insert on outrider.events to outrider_worker;
grant insert, update, delete on outrider.workers to outrider_worker;
grant insert, update (lifted_at) on outrider.suppressions to outrider_worker;
-- What people wrote while no gateway could take it, a worker looks up.
grant insert, update (sent_at) on outrider.inbound_messages to outrider_worker;
grant insert, update on outrider.whatsapp_windows, outrider.catch_ups to outrider_worker;
grant update (hastened_at) on outrider.gateways to outrider_worker;
grant update (paused_until, paused_reason) on outrider.senders to outrider_worker;
grant usage on all sequences in schema outrider to outrider_worker;
grant execute on function outrider.create_partitions(integer), outrider.timeline(bigint), outrider.send_lane(bigint, integer, integer),
    outrider.send_cost(bigint), outrider.pause_sender(integer, text, double precision), outrider.look_lane(text, integer, text), outrider.announce(integer), outrider.words_of(text),
    outrider.job_facts(bigint, integer, smallint, integer, text, integer, integer[]) to outrider_worker;

-- The gateway stores what providers and people tell us. It cannot take an intent's place: it neither claims nor sends.
-- It faces the internet, so of a job it reads whom it is for and where it stands, never what it says.
grant select (id, tenant, kind, category, priority, campaign, channel, address, ladder, phone, email, run_at, created_at)
    on outrider.jobs to outrider_gateway;
grant select on outrider.job_status, outrider.due, outrider.events, outrider.workers, outrider.leases, outrider.senders,
    outrider.ladders, outrider.ladder_steps, outrider.error_codes, outrider.suppressions, outrider.inbound_messages,
    outrider.whatsapp_windows, outrider.lanes, outrider.campaigns, outrider.installation to outrider_gateway;
grant insert on outrider.events, outrider.due, outrider.inbound_messages, outrider.adopted_sends to outrider_gateway;
grant update (sent_at) on outrider.inbound_messages to outrider_gateway;
grant insert, update on outrider.whatsapp_windows to outrider_gateway;
grant insert, update (lifted_at) on outrider.suppressions to outrider_gateway;
grant update (paused_until, paused_reason) on outrider.senders to outrider_gateway;
grant select, insert, update, delete on outrider.gateways to outrider_gateway;
grant select (account, channel, address, seen_until, look_at), update (asked_at) on outrider.catch_ups to outrider_gateway;
grant usage on all sequences in schema outrider to outrider_gateway;
grant execute on function outrider.timeline(bigint), outrider.look_lane(text, integer, text), outrider.announce(integer),
    outrider.pause_sender(integer, text, double precision), outrider.late_news(bigint, integer, text), outrider.words_of(text) to outrider_gateway;

-- An operator reads all, writes what is said and by whom, and decides what waits for a person.
grant select on all tables in schema outrider to outrider_operator;
grant insert on outrider.jobs to outrider_operator;
grant insert, update, delete on outrider.senders, outrider.templates, outrider.tenant_roles, outrider.error_codes to outrider_operator;
grant insert on outrider.ladders, outrider.ladder_steps to outrider_operator;
grant usage on all sequences in schema outrider to outrider_operator;
grant execute on all functions in schema outrider to outrider_operator;
