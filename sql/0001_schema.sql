-- Outrider's tables. Three carry the work:
--   jobs    what was asked          (inserted by the application, never updated)
--   due     what must be looked at  (inserted and deleted, never updated)
--   events  what happened           (append-only; its primary key is the fence)
-- Everything else is small: who may send, what to say, whom not to contact.

create schema if not exists outrider;
comment on schema outrider is 'Outrider: durable message delivery. Applications insert into outrider.jobs and read outrider.job_status.';

-- ---------------------------------------------------------------------------------------------------------------
-- Predicates the constraints use. Immutable in practice: their answers change only with the server's own tables.

create function outrider.is_time_zone(name text) returns boolean
    language plpgsql immutable parallel safe as $$
begin
    perform timestamp '2000-01-01' at time zone name;
    return true;
exception when invalid_parameter_value then
    return false;
end $$;
comment on function outrider.is_time_zone(text) is 'True when PostgreSQL knows this time zone, for example Europe/Warsaw.';

create function outrider.are_https_urls(urls text[]) returns boolean
    language sql immutable parallel safe as $$
    select coalesce(bool_and(coalesce(url ~ '^https?://[^[:space:]]+$' and length(url) <= 2048, false)), true) from unnest(urls) url
$$;
comment on function outrider.are_https_urls(text[]) is 'True when every element is an http(s) URL of at most 2,048 characters.';

create function outrider.long_segments(body text) returns integer
    language plpgsql immutable parallel safe as $$
declare
    units integer := length(body);
begin
    -- GSM 03.38: 160 septets in one part, 153 in each of several; any other character makes it UCS-2: 70, or 67.
    if body !~ '[^\n\f\r !-_a-~@£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€]' then
        if body ~ '[\f\^{}\\[~\]|€]' then
            units := 2 * units - length(translate(body, E'\f^{}\\[~]|€', ''));
        end if;
        return case when units <= 160 then 1 else (units + 152) / 153 end;
    end if;
    if body ~ '[\U00010000-\U0010ffff]' then
        units := units + length(regexp_replace(body, '[\u0001-\uffff]', '', 'g'));
    end if;
    return case when units <= 70 then 1 else (units + 66) / 67 end;
end $$;
comment on function outrider.long_segments(text) is 'The segments of a text that outrider.segments cannot tell at a glance.';

create function outrider.segments(body text) returns integer
    language sql immutable parallel safe as $$
    -- One expression, so that it is inlined: it is evaluated for every inserted job.
    select case
        when body is null or octet_length(body) <= 70 then 1
        when octet_length(body) <= 160 and body !~ '[^\n\r !-Z_a-z]' then 1
        else outrider.long_segments(body) end
$$;
comment on function outrider.segments(text) is 'SMS segments a text needs: what it costs against a sender''s rate. The worker counts again after rendering.';

create function outrider.address_on(channel text, address text, phone text, email text) returns text
    language sql immutable parallel safe as $$
    -- One expression, so that it is inlined.
    select case channel when 'email' then lower(coalesce(address, email)) else coalesce(address, phone) end
$$;
comment on function outrider.address_on(text, text, text, text) is
    'Where a step on this channel reaches a job''s recipient: given the job''s address, phone and email. An e-mail address is in lower case.';

create function outrider.phone_channels() returns text[]
    language sql immutable parallel safe as $$
    select '{sms,voice,whatsapp}'::text[]
$$;
comment on function outrider.phone_channels() is 'The channels that reach a phone number. A STOP on one of them closes all.';

create function outrider.window_is_open(last_inbound_at timestamptz, at timestamptz) returns boolean
    language sql immutable parallel safe as $$
    -- A difference of two times: a time less an interval depends on the session, so that would not be inlined.
    select at - last_inbound_at < interval '23 hours 59 minutes 50 seconds'
$$;
comment on function outrider.window_is_open(timestamptz, timestamptz) is
    'Whether WhatsApp takes free text at this time: for 24 hours after the person''s last message, less 10 seconds for the way to the provider.';

create function outrider.job_priority(category text, priority smallint) returns integer
    language sql immutable parallel safe as $$
    -- One expression, so that it is inlined.
    select coalesce(priority, case category when 'otp' then 0 when 'alert' then 1 when 'transactional' then 2 else 3 end)::integer
$$;
comment on function outrider.job_priority(text, smallint) is 'How urgent a job is: 0 is looked at first, 3 last. By its category where it names no priority.';

-- ---------------------------------------------------------------------------------------------------------------
-- This database.

create table outrider.installation (
    is_the_only_row boolean primary key default true,
    shard           smallint not null default 0,
    created_at      timestamptz not null default clock_timestamp(),
    constraint there_is_one_installation check (is_the_only_row),
    constraint shard_must_be_0_to_31 check (shard between 0 and 31)
);
comment on table outrider.installation is 'What this database is among others of one fleet. One row.';
comment on column outrider.installation.shard is 'The upper bits of every id: id = shard * 2^48 + n. Set once, by outrider migrate --shard N.';
insert into outrider.installation default values;

-- ---------------------------------------------------------------------------------------------------------------
-- Who asks.

create table outrider.tenant_roles (
    role_name text primary key,
    tenant    text not null,
    constraint tenant_must_be_1_to_63_plain_characters check (tenant ~ '^[A-Za-z0-9_.-]{1,63}$')
);
comment on table outrider.tenant_roles is 'The tenant each login role belongs to; a role not listed belongs to tenant "default".';

create function outrider.current_tenant() returns text
    language sql stable security definer
    -- Bound to its tables and operators when created, so it needs no search_path, which would double its price for every job.
    return coalesce((select tenant from outrider.tenant_roles where role_name = session_user), 'default');
comment on function outrider.current_tenant() is 'The tenant of the logged-in role (session_user, so SET ROLE does not change it).';

-- ---------------------------------------------------------------------------------------------------------------
-- Who sends.

create table outrider.senders (
    id              integer generated always as identity primary key,
    name            text not null unique,
    channel         text not null,
    address         text not null,
    display_name    text,
    tenant          text,
    rate_per_second numeric,
    enabled         boolean not null default true,
    paused_until    timestamptz,
    paused_reason   text,
    created_at      timestamptz not null default clock_timestamp(),
    constraint sender_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint sender_rate_must_be_0_001_to_10000 check (rate_per_second between 0.001 and 10000),
    constraint sender_address_must_fit_its_channel check (case channel
        when 'sms'   then address ~ '^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 ]{1,11})$'
        when 'email' then address ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$'
        when 'voice' then address ~ '^\+[1-9][0-9]{6,14}$'
        else address ~ '^(\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32})$' end)
);
comment on table outrider.senders is 'Numbers, Messaging Services and From-addresses. Each has its own rate, which all workers share.';
comment on column outrider.senders.rate_per_second is 'Messages (SMS: segments; voice: calls) a second over all workers; null is no limit.';
comment on column outrider.senders.tenant is 'The tenant it serves; null serves every tenant that has no sender of its own.';
comment on column outrider.senders.paused_until is 'Set when the provider refuses this sender itself (bad credentials, unregistered number): nothing is claimed for it until then.';

create table outrider.rate_windows (
    sender_id integer not null,
    slot      bigint not null,
    worker    text not null,
    taken_at  timestamptz not null default clock_timestamp(),
    primary key (sender_id, slot)
);
comment on table outrider.rate_windows is 'One row per sender and window of time: the worker that inserts it owns that window''s sends. Never updated.';

create table outrider.campaigns (
    id            integer generated always as identity primary key,
    tenant        text not null,
    name          text not null,
    paused_at     timestamptz,
    paused_reason text,
    created_at    timestamptz not null default clock_timestamp(),
    constraint campaign_name_is_taken unique (tenant, name),
    constraint campaign_name_must_be_1_to_100_characters check (length(name) between 1 and 100)
);
comment on table outrider.campaigns is 'Many jobs that are paused and resumed as one. A row is made by the first job that names it.';
comment on column outrider.campaigns.paused_at is 'While this is set, no lane of the campaign is taken. Receipts are still waited for.';

create table outrider.lanes (
    id          integer generated always as identity (start with 16) primary key,
    purpose     text not null,
    priority    smallint not null,
    sender_id   integer,
    tenant      text,
    campaign_id integer references outrider.campaigns,
    constraint lane_is_there_already unique nulls not distinct (purpose, priority, sender_id, tenant, campaign_id),
    constraint lane_purpose_must_be_send_decide_ask_phone_or_ask_mail
        check (purpose in ('send', 'decide', 'ask_phone', 'ask_mail')),
    constraint lane_priority_must_be_0_to_3 check (priority between 0 and 3),
    constraint lane_of_a_sender_is_for_sends check (purpose = 'send' or (sender_id is null and tenant is null and campaign_id is null))
);
comment on table outrider.lanes is 'The queues that due rows stand in: one per sender, tenant, priority and campaign, so that none of them stands before another. Rows are only added.';
comment on column outrider.lanes.purpose is 'send: a request to a provider begins; decide: a look that needs nobody; ask_phone, ask_mail: a look that may have to ask the provider of phones or of mail.';
comment on column outrider.lanes.sender_id is 'The sender of a lane of sends; null for sends that no sender serves.';
insert into outrider.lanes (id, purpose, priority) overriding system value
select 4 * kind + priority, purpose, priority
  from (values (0, 'decide'), (1, 'ask_phone'), (2, 'send'), (3, 'ask_mail')) as p (kind, purpose), generate_series(0, 3) as priority;

-- ---------------------------------------------------------------------------------------------------------------
-- What to say, and in which order to try.

create table outrider.templates (
    id                 integer generated always as identity primary key,
    tenant             text not null default '',
    name               text not null,
    channel            text not null,
    locale             text not null default '',
    body               text,
    subject            text,
    html               text,
    content_sid        text,
    content_variables  text[] not null default '{}',
    dynamic_template   text,
    created_at         timestamptz not null default clock_timestamp(),
    constraint template_must_be_the_only_one_of_its_name_channel_and_locale unique (tenant, name, channel, locale),
    constraint template_name_must_be_1_to_100_characters check (length(name) between 1 and 100),
    constraint template_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint template_locale_must_be_a_language_tag check (locale ~ '^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$'),
    constraint template_needs_a_body_or_a_provider_template
        check (nullif(btrim(body), '') is not null or content_sid is not null or dynamic_template is not null),
    constraint template_content_sid_must_be_hx_and_32_hex_digits check (content_sid ~ '^HX[0-9a-fA-F]{32}$'),
    constraint template_content_sid_is_for_whatsapp_and_sms check (content_sid is null or channel in ('whatsapp', 'sms')),
    constraint template_dynamic_template_is_for_email check (dynamic_template is null or channel = 'email'),
    constraint template_dynamic_template_must_start_with_d check (dynamic_template ~ '^d-[0-9a-zA-Z]{1,64}$'),
    constraint template_content_variables_must_be_one_row_of_words
        check (cardinality(content_variables) = 0
               or (array_ndims(content_variables) = 1 and array_lower(content_variables, 1) = 1
                   and array_position(content_variables, null) is null)),
    constraint template_subject_is_needed_for_email
        check (channel <> 'email' or dynamic_template is not null or nullif(btrim(subject), '') is not null)
);
comment on table outrider.templates is 'Texts by name, channel and locale. {{key}} is replaced by the job''s data. An empty locale serves every locale; an empty tenant every tenant.';
comment on column outrider.templates.content_sid is 'Approved provider template (HX…): what may be sent on WhatsApp outside the 24-hour window.';
comment on column outrider.templates.content_variables is 'The data keys that fill the provider template''s {{1}}, {{2}}, … in order.';
comment on column outrider.templates.dynamic_template is 'SendGrid dynamic template id (d-…), filled with the job''s data.';

create table outrider.ladders (
    id          integer generated always as identity primary key,
    name        text not null,
    version     integer not null,
    description text,
    created_at  timestamptz not null default clock_timestamp(),
    constraint ladder_version_is_taken_save_the_next_one unique (name, version),
    constraint ladder_name_must_be_1_to_63_plain_characters check (name ~ '^[A-Za-z0-9_.-]{1,63}$')
);
comment on table outrider.ladders is 'Named, versioned lists of steps. A version never changes: save a new one (outrider.save_ladder) and running jobs keep theirs.';

create table outrider.ladder_steps (
    ladder_id    integer not null references outrider.ladders,
    position     smallint not null,
    channel      text not null,
    wait_seconds integer not null,
    success      text not null,
    max_attempts smallint not null default 5,
    on_unknown   text,
    primary key (ladder_id, position),
    constraint step_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint step_wait_must_be_5_to_36000_seconds check (wait_seconds between 5 and 36000),
    constraint step_success_must_fit_its_channel check (case channel
        when 'sms'      then success in ('accepted', 'sent', 'delivered')
        when 'whatsapp' then success in ('accepted', 'sent', 'delivered', 'read')
        when 'voice'    then success in ('accepted', 'voicemail', 'answered')
        else success in ('accepted', 'delivered') end),
    constraint step_max_attempts_must_be_1_to_20 check (max_attempts between 1 and 20),
    constraint step_on_unknown_must_be_resend_hold_next_or_end check (on_unknown in ('resend', 'hold', 'next', 'end'))
);
comment on table outrider.ladder_steps is 'One channel each, tried in order of position from 0.';
comment on column outrider.ladder_steps.wait_seconds is 'How long after the provider took the message a receipt is waited for. For SMS also the validity period.';
comment on column outrider.ladder_steps.success is 'The least a receipt must say for the step to have got through.';
comment on column outrider.ladder_steps.on_unknown is 'When nobody can say whether a send was accepted: resend once, hold for a person, go on to the next step, or end as unknown. Null: by category.';

-- ---------------------------------------------------------------------------------------------------------------
-- The work.

create table outrider.jobs (
    id              bigint generated by default as identity,
    tenant          text not null default outrider.current_tenant(),
    kind            text not null default 'send',
    category        text not null default 'marketing',
    channel         text,
    address         text,
    ladder          text,
    phone           text,
    email           text,
    body            text,
    subject         text,
    template        text,
    data            jsonb not null default '{}',
    media_urls      text[] not null default '{}',
    locale          text not null default 'en',
    time_zone       text not null default 'UTC',
    run_at          timestamptz,
    expires_at      timestamptz,
    wait_seconds    integer,
    priority        smallint,
    idempotency_key text,
    campaign        text,
    metadata        jsonb not null default '{}',
    created_at      timestamptz not null default clock_timestamp(),
    primary key (id),
    constraint kind_must_be_send_or_notify check (kind in ('send', 'notify')),
    constraint category_must_be_otp_alert_transactional_or_marketing
        check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint send_needs_a_channel_and_an_address
        check (kind <> 'send' or (channel is not null and address is not null)),
    constraint send_takes_its_recipient_in_address_not_phone_or_email
        check (kind <> 'send' or (phone is null and email is null and ladder is null)),
    constraint notify_needs_a_ladder_and_a_phone_or_an_email
        check (kind <> 'notify' or (ladder is not null and (phone is not null or email is not null))),
    constraint notify_takes_its_recipient_in_phone_and_email_not_address
        check (kind <> 'notify' or (channel is null and address is null)),
    constraint address_must_be_e164_for_sms_voice_and_whatsapp
        check (channel = 'email' or (address ~ '^\+[1-9][0-9]+$' and length(address) between 8 and 16)),
    constraint address_must_be_an_email_address_for_email
        check (channel <> 'email' or (address ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:].]+$'
                                      and strpos(address, '@') <= 65 and length(address) <= 254)),
    constraint phone_must_be_e164 check (phone ~ '^\+[1-9][0-9]+$' and length(phone) between 8 and 16),
    constraint email_must_be_an_email_address
        check (email ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:].]+$' and strpos(email, '@') <= 65 and length(email) <= 254),
    constraint content_needs_a_body_or_a_template check (body is not null or template is not null),
    constraint content_takes_a_body_or_a_template_not_both check (body is null or template is null),
    constraint body_must_not_be_blank check (btrim(body, E' \t\r\n') <> ''),
    constraint body_must_be_at_most_1600_characters check (channel = 'email' or length(body) <= 1600),
    constraint body_must_be_at_most_100000_characters_for_email check (length(body) <= 100000),
    constraint subject_must_be_one_line_of_at_most_255_characters check (subject !~ '[\r\n]' and length(subject) between 1 and 255),
    constraint email_needs_a_subject_or_a_template check (channel <> 'email' or subject is not null or template is not null),
    constraint data_must_be_a_json_object check (jsonb_typeof(data) = 'object'),
    constraint metadata_must_be_a_json_object check (jsonb_typeof(metadata) = 'object'),
    constraint media_is_for_sms_and_whatsapp check (cardinality(media_urls) = 0 or kind = 'notify' or channel in ('sms', 'whatsapp')),
    constraint media_urls_must_be_one_row_of_elements
        check (cardinality(media_urls) = 0 or (array_ndims(media_urls) = 1 and array_lower(media_urls, 1) = 1)),
    constraint media_urls_must_be_at_most_10 check (cardinality(media_urls) <= 10),
    constraint media_urls_must_be_http_urls check (cardinality(media_urls) = 0 or outrider.are_https_urls(media_urls)),
    constraint locale_must_be_a_language_tag check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    constraint time_zone_must_be_known check (time_zone = 'UTC' or outrider.is_time_zone(time_zone)),
    -- Infinity, and what is past the year 294,246, cannot be counted in microseconds.
    constraint run_at_must_be_a_time_before_the_year_2200 check (run_at < '2200-01-01 00:00:00+00'),
    constraint expires_at_must_be_a_time_before_the_year_2200 check (expires_at < '2200-01-01 00:00:00+00'),
    constraint created_at_must_be_a_time_before_the_year_2200
        check (created_at > '-infinity' and created_at < '2200-01-01 00:00:00+00'),
    constraint expires_at_must_be_after_run_at check (expires_at > coalesce(run_at, created_at)),
    constraint wait_seconds_must_be_5_to_36000 check (wait_seconds between 5 and 36000),
    constraint wait_seconds_is_for_send_a_ladder_has_its_own check (kind = 'send' or wait_seconds is null),
    constraint priority_must_be_0_to_3 check (priority between 0 and 3),
    constraint idempotency_key_must_be_1_to_200_characters check (length(idempotency_key) between 1 and 200),
    constraint campaign_must_be_1_to_100_characters check (length(campaign) between 1 and 100),
    -- A batch of jobs is read at once: one that is huge would keep the others from being read.
    -- What PostgreSQL has packed comes in packed, and may be 255 times as long; only what is short anyway need not be measured.
    constraint data_must_be_at_most_64_kilobytes check (pg_column_size(data) <= 256 or octet_length(data::text) <= 65536),
    constraint metadata_must_be_at_most_64_kilobytes check (pg_column_size(metadata) <= 256 or octet_length(metadata::text) <= 65536),
    constraint locale_must_be_at_most_35_characters check (length(locale) <= 35),
    constraint tenant_must_be_1_to_63_plain_characters
        check (tenant = 'default' or (tenant !~ '[^A-Za-z0-9_.-]' and length(tenant) between 1 and 63))
) partition by range (id);
-- The checks above run for every job. A counted repetition in a regular expression costs several times a plain one with a
-- length beside it, so none is used here.
comment on table outrider.jobs is 'What was asked: one message (send) or one recipient and a ladder of channels (notify). Inserted by applications, never updated.';
comment on column outrider.jobs.category is 'otp, alert, transactional or marketing: priority, what happens when a send cannot be known, consent. Missing means marketing, the strictest.';
comment on column outrider.jobs.wait_seconds is 'For send: how long a receipt is waited for after the provider took the message. Null: by channel.';
comment on column outrider.jobs.priority is '0 is looked at first, 3 last. Null: by category (otp 0, alert 1, transactional 2, marketing 3).';
comment on column outrider.jobs.campaign is 'The campaign it belongs to, by name: it stands in lanes of the campaign, and is paused with it.';
comment on column outrider.jobs.idempotency_key is 'A second insert with the same key and tenant inserts nothing and returns no row.';

create table outrider.idempotency_keys (
    tenant     text not null,
    key        text not null,
    job_id     bigint not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant, key)
);
comment on table outrider.idempotency_keys is 'The job each idempotency key stands for.';

create table outrider.due (
    at         timestamptz not null,
    job_id     bigint not null,
    lane       integer not null,
    reason     text not null,
    step       smallint not null,
    generation integer not null,
    ladder_id  integer,
    cost       smallint not null default 1,
    constraint due_reason_must_be_known check (reason in ('dispatch', 'resume', 'decide', 'receipt', 'reconcile'))
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table outrider.due is 'Due rows: look at this job at this time, for this reason. Inserted and deleted, never updated; a stale one costs one delete. Can be rebuilt from jobs and events.';
comment on column outrider.due.lane is 'The id of one of outrider.lanes: 0 to 3 decide, 4 to 7 ask about phones, 8 to 11 sends without a sender, 12 to 15 ask about mail, by priority; from 16 on the others.';
comment on column outrider.due.reason is 'dispatch: begin an attempt; resume: the same after it was deferred; decide: new facts; receipt: the wait for one is over; reconcile: nobody knows whether it was sent.';
comment on column outrider.due.generation is 'dispatch and resume: the attempt to begin. Otherwise: the attempt to look at.';
create index due_by_lane on outrider.due (lane, at, job_id);
-- It has no key, so a publication for all tables would make PostgreSQL refuse every delete.
alter table outrider.due replica identity full;

create table outrider.events (
    job_id      bigint not null,
    generation  integer not null,
    kind        text not null,
    status      text not null,
    at          timestamptz not null default clock_timestamp(),
    step        smallint,
    ladder_id   integer,
    channel     text,
    sender_id   integer,
    code        text,
    class       text,
    level       text,
    provider_id text,
    worker      text,
    token       uuid,
    reason      text,
    detail      jsonb,
    xact        xid8 not null default pg_current_xact_id(),
    primary key (job_id, generation, kind, status),
    constraint event_kind_must_be_known
        check (kind in ('intent', 'answer', 'receipt', 'next', 'deferred', 'held', 'released', 'reconciled', 'outcome'))
) partition by range (job_id);
comment on table outrider.events is 'What happened, one fact a row, only ever added. The primary key is the fence: an intent is taken once, a receipt counted once, what follows an attempt decided once, a job ended once.';
comment on column outrider.events.generation is 'The attempt the fact is about, from 1; 0 for facts about the whole job.';
comment on column outrider.events.class is 'What a failure means for the ladder (see outrider.error_codes).';
comment on column outrider.events.level is 'On a receipt: how far it says the message got (accepted, sent, voicemail, delivered, answered, read).';
comment on column outrider.events.xact is 'The transaction that added it. A reader who follows the events goes by this, never by their time.';
comment on column outrider.events.token is 'On an intent: the secret its callbacks must carry.';
create index events_outcomes on outrider.events (at) where kind = 'outcome';
create index events_held on outrider.events (at) where kind = 'held';
-- Both hold the rare rows only: what could not be known at first, and what became of it.
create index events_unknown on outrider.events (at) where kind = 'answer' and status in ('unknown', 'lost');
create index events_reconciled on outrider.events (at) where kind = 'reconciled';
-- Whose message an id is. Receipts, the most of the rows with an id, repeat what the answer said; a hash of 4 bytes is half the price.
create index events_provider_ids on outrider.events (hashtext(provider_id)) where provider_id is not null and kind <> 'receipt';

create table outrider.open_sends (
    likeness   bigint not null,
    key        bigint not null,
    job_id     bigint not null,
    since      timestamptz not null default clock_timestamp(),
    generation integer not null,
    content    integer,
    tenant     text not null,
    primary key (likeness, key)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table outrider.open_sends is 'Attempts of which nobody knows yet whether the provider took them. A row is inserted with the intent, and deleted once the attempt is answered or found.';
comment on column outrider.open_sends.likeness is 'Channel and address, as one number: what every listing of a provider shows. While two are open, a listed message is taken for neither.';
comment on column outrider.open_sends.key is 'What a listing would tell the message by, with its tenant and category, as one number. A send that meets it is looked at again a little later. An attempt that went beside another one, or was given up, has a number of its own, so nobody waits for it.';
comment on column outrider.open_sends.content is 'The letters and digits of a text, as one number; null where a listing tells nothing by them.';
comment on column outrider.open_sends.since is 'The time of the intent.';

create table outrider.adopted_sends (
    provider_id text primary key,
    tenant      text not null,
    job_id      bigint not null,
    generation  integer not null,
    at          timestamptz not null default clock_timestamp()
);
comment on table outrider.adopted_sends is 'Messages that no answer told of, but a callback or a provider''s listing, each with the one attempt that it is of.';

create table outrider.workers (
    id           text primary key,
    host         text not null,
    process_id   integer not null,
    version      text not null,
    state        text not null default 'running',
    started_at   timestamptz not null default clock_timestamp(),
    heartbeat_at timestamptz not null default clock_timestamp()
);
comment on table outrider.workers is 'Workers that are alive, by heartbeat. A worker whose heartbeat stops loses its leases to the others.';

create table outrider.leases (
    id          bigint generated always as identity primary key,
    worker      text not null,
    claimed_at  timestamptz not null default clock_timestamp(),
    job_ids     bigint[] not null,
    generations integer[] not null,
    steps       smallint[] not null,
    ladder_ids  integer[] not null,
    reasons     text[] not null
);
comment on table outrider.leases is 'One row per claimed batch: how the unfinished work of a dead worker is found.';
create index leases_by_worker on outrider.leases (worker);

create table outrider.error_codes (
    provider            text not null,
    code                text not null,
    class               text not null,
    retry_after_seconds integer,
    meaning             text not null,
    source              text not null,
    as_of               date not null,
    primary key (provider, code),
    constraint error_class_must_be_known check (class in (
        'transient', 'unreachable', 'invalid_address', 'landline', 'filtered', 'opted_out', 'window_closed', 'expired',
        'rate_limited', 'configuration', 'unroutable', 'fraud_block', 'content', 'no_answer', 'unknown'))
);
comment on table outrider.error_codes is 'What each provider code means for the ladder: data, so that an operator can correct a class without a release.';

-- ---------------------------------------------------------------------------------------------------------------
-- Consent.

create table outrider.suppressions (
    id         bigint generated always as identity primary key,
    tenant     text not null default '',
    address    text not null,
    channel    text not null,
    reason     text not null,
    source     text not null,
    created_at timestamptz not null default clock_timestamp(),
    lifted_at  timestamptz,
    constraint suppression_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email'))
);
comment on table outrider.suppressions is '"Do not contact this address on this channel." A lifted row stays as history.';
comment on column outrider.suppressions.tenant is 'Whom it binds; empty is every tenant.';
create unique index suppressions_in_force on outrider.suppressions (address, channel, tenant) where lifted_at is null;
create index suppressions_lifted on outrider.suppressions (address, channel) where lifted_at is not null;

create table outrider.inbound_messages (
    provider_id  text primary key,
    tenant       text not null default '',
    channel      text not null,
    from_address text not null,
    to_address   text not null,
    keyword      text,
    received_at  timestamptz not null default clock_timestamp(),
    sent_at      timestamptz,
    is_listed    boolean not null default false
);
comment on table outrider.inbound_messages is 'Every message a person sent us, once, by the provider''s id. The text is not kept, only an opt-out keyword.';
comment on column outrider.inbound_messages.tenant is 'Whose number it was sent to; empty for a number that tenants share.';
comment on column outrider.inbound_messages.received_at is 'By webhook: when it came. Listed: when the provider says it was sent.';
comment on column outrider.inbound_messages.sent_at is 'When the provider says it was sent: known once its list has shown it. Only this tells which of two words was the last.';
comment on column outrider.inbound_messages.is_listed is 'Found in the provider''s list of messages, because no webhook had brought it.';
create index inbound_words on outrider.inbound_messages (from_address, received_at) where keyword in ('stop', 'start');

create table outrider.gateways (
    id          text primary key,
    up_since    timestamptz not null default clock_timestamp(),
    beat_at     timestamptz not null default clock_timestamp(),
    hastened_at timestamptz
);
comment on table outrider.gateways is 'Gateways that serve webhooks, by heartbeat. What nobody could bring while none did is looked up at the provider.';
comment on column outrider.gateways.up_since is 'Since when it has served without a gap.';
comment on column outrider.gateways.hastened_at is 'When attempts that wait for a receipt were looked at early because of the gap before it.';

create table outrider.catch_ups (
    account      text not null,
    channel      text not null,
    address      text not null,
    seen_until   timestamptz not null,
    listed_until timestamptz not null,
    asked_at     timestamptz,
    look_at      timestamptz not null default clock_timestamp(),
    holder       uuid,
    pass_from    timestamptz,
    next_page    text,
    failures     integer not null default 0,
    primary key (account, channel, address)
);
comment on table outrider.catch_ups is 'How far what people wrote to each of our numbers is known: brought by webhooks, or listed from the provider. * is the whole account.';
comment on column outrider.catch_ups.seen_until is 'The last good moment: whatever was sent before it is known, but for what lists show late.';
comment on column outrider.catch_ups.listed_until is 'Until when the provider''s list is known. It is read now and then although gateways serve: whether the provider reaches them, they cannot know.';
comment on column outrider.catch_ups.asked_at is 'When words of one person came so close together that only the provider''s list knows the last one: it is read soon, until a minute after.';
comment on column outrider.catch_ups.look_at is 'Not before this time; also the lease of the worker that looks.';
comment on column outrider.catch_ups.holder is 'The look that holds the lease. One that took too long finds another''s and keeps nothing.';
comment on column outrider.catch_ups.pass_from is 'When the listing under way began; it goes on at next_page, whoever goes on with it.';

create view outrider.own_numbers as
select case when is_service then '*' else channel end as channel, case when is_service then '*' else address end as address,
       created_at
  from (select channel, address, created_at, address like 'MG%' as is_service from outrider.senders
         where channel in ('sms', 'whatsapp') and (address like 'MG%' or address ~ '^[+]?[0-9]+$')) s;
comment on view outrider.own_numbers is 'The senders that people can write to. A Messaging Service picks its numbers itself, so it stands for the whole account: *.';

create table outrider.whatsapp_windows (
    address         text not null,
    sender_address  text not null,
    last_inbound_at timestamptz not null,
    primary key (address, sender_address)
);
comment on table outrider.whatsapp_windows is 'When each person last wrote to each WhatsApp sender: free-form text is allowed for 24 hours from then.';

-- ---------------------------------------------------------------------------------------------------------------
-- Partitions.

create function outrider.first_id() returns bigint
    language sql stable security definer
    return (select shard * 281474976710656 from outrider.installation);  -- 2^48
comment on function outrider.first_id() is 'Ids of this database are above it: the shard''s number in the upper bits. Below 2^53 for every shard, so that any client can hold an id.';

create function outrider.create_partitions(ahead integer default 4) returns integer
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp set lock_timeout = '1s' as $$
declare
    parent text;
    part text;
    width constant bigint := 5000000;
    first_id constant bigint := outrider.first_id();
    -- From the sequence: ids are used up by inserts that are rolled back, too.
    current_number bigint := coalesce((select last_value from pg_sequences
                                        where schemaname = 'outrider' and sequencename = 'jobs_id_seq'), first_id) - first_id;
    part_number bigint;
    created integer := 0;
begin
    lock table outrider.installation in share update exclusive mode;  -- One at a time, and no other login can hold it.
    for n in 0 .. ahead - 1 loop
        part_number := greatest(current_number, 0) / width + n;
        if to_regclass(format('outrider.jobs_%s', part_number)) is null then
            foreach parent in array array['jobs', 'events'] loop
                -- Made apart and then attached: that lock lets inserts go on, and "partition of" would wait for every
                -- open transaction that wrote, with all inserts queueing behind it.
                part := format('%s_%s', parent, part_number);
                execute format('create table outrider.%I (like outrider.%I including all excluding identity)', part, parent);
                execute format('alter table outrider.%I attach partition outrider.%I for values from (%s) to (%s)',
                               parent, part, first_id + part_number * width, first_id + (part_number + 1) * width);
            end loop;
            created := created + 1;
        end if;
    end loop;
    return created;
end $$;
comment on function outrider.create_partitions(integer) is 'Makes sure that this many partitions of jobs and events, 5,000,000 ids each, stand ahead of the newest id. Returns how many it made.';

create function outrider.set_shard(wanted integer) returns integer
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
declare
    part text;
begin
    if wanted is null or wanted not between 0 and 31 then
        raise exception 'shard_must_be_0_to_31' using errcode = 'invalid_parameter_value',
            hint = 'Give each database of the fleet a number of its own, from 0 to 31.';
    end if;
    if (select shard from installation for update) = wanted then
        return wanted;
    end if;
    -- Waits for inserts that are under way: else a job could commit into a partition that is dropped here.
    lock table jobs, events in share row exclusive mode;
    if exists (select from jobs) or exists (select from idempotency_keys) then
        raise exception 'shard_is_set_before_the_first_job: this database has jobs of shard %', (select shard from installation) using
            errcode = 'object_not_in_prerequisite_state',
            hint = 'Ids carry the number of their shard for ever. Set it on a new database.';
    end if;
    update installation set shard = wanted;
    for part in select c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid
                 where i.inhparent in ('outrider.jobs'::regclass, 'outrider.events'::regclass) loop
        execute format('drop table outrider.%I', part);
    end loop;
    execute format('alter table outrider.jobs alter column id restart with %s', outrider.first_id() + 1);
    perform outrider.create_partitions();
    return wanted;
end $$;
comment on function outrider.set_shard(integer) is 'Gives this database its number among several, before its first job. Asking for the number it has changes nothing.';

select outrider.create_partitions();
