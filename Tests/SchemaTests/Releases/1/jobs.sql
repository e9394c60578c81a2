-- Jobs in every state that release 1 knows, as applications, workers and gateways leave them. `public.expected` says what
-- must become of each: its outcome (null: it stays held) and its attempts.
--
-- Numbers that begin with +1999: the provider never took the message. A provider's id that begins with "silent": nothing is
-- ever heard of the message.

insert into outrider.senders (name, channel, address) values
    ('texts', 'sms', '+15550000001'), ('calls', 'voice', '+15550000002'), ('mail', 'email', 'notice@example.com'),
    ('chat', 'whatsapp', '+15550000003');
insert into outrider.workers (id, host, process_id, version, heartbeat_at) values
    ('live', 'test', 1, '1', clock_timestamp()), ('dead', 'test', 2, '1', clock_timestamp() - interval '1 hour');
insert into outrider.gateways (id) values ('gateway');
insert into outrider.tenant_roles (role_name, tenant) values ('shop', 'shop');
insert into outrider.templates (name, channel, body) values ('greeting', 'sms', 'Hello {{name}}');
insert into outrider.suppressions (address, channel, reason, source) values ('+15559999999', 'sms', 'stop', 'test');
insert into outrider.suppressions (address, channel, reason, source, lifted_at)
select '+1447' || lpad(n::text, 7, '0'), 'sms', 'stop', 'test', clock_timestamp() from generate_series(1, 20) n;
insert into outrider.whatsapp_windows (address, sender_address, last_inbound_at)
select '+1446' || lpad(n::text, 7, '0'), '+15550000003', clock_timestamp() from generate_series(1, 20) n;
insert into outrider.rate_windows (sender_id, slot, worker) select 1, n, 'live' from generate_series(1, 100) n;
insert into outrider.adopted_sends (provider_id, tenant, job_id, generation)
select 'SMadopted' || n, 'default', 1, 1 from generate_series(1, 100) n;

-- `due`: reason of its due row, where it is not the one of its insert. `holder`: the worker that has it.
create table public.states (state text primary key, category text, outcome text, attempts integer, due text, holder text);
insert into public.states values
    ('queued', 'transactional', 'delivered', 1, null, null), ('queued otp', 'otp', 'delivered', 1, null, null),
    ('scheduled', 'transactional', 'delivered', 1, null, null), ('templated', 'marketing', 'delivered', 1, null, null),
    ('deferred', 'transactional', 'delivered', 1, 'resume', null), ('lifted', 'marketing', 'delivered', 1, null, null),
    ('suppressed', 'transactional', 'opted_out', 0, null, null), ('stops', 'marketing', 'opted_out', 0, null, null),
    ('canceled', 'transactional', 'canceled', 0, null, null), ('cancels', 'alert', 'canceled', 0, null, null),
    ('too late', 'otp', 'expired', 0, null, null), ('campaign', 'marketing', 'delivered', 1, null, null),
    ('campaign paused', 'marketing', 'delivered', 1, null, null), ('chat', 'alert', 'delivered', 1, null, null),
    ('chat closed', 'alert', 'exhausted', 0, null, null), ('mail', 'transactional', 'delivered', 1, null, null),
    ('unread', 'transactional', null, 0, 'dispatch', null),
    ('sending', 'transactional', 'delivered', 1, null, 'live'), ('abandoned', 'transactional', 'delivered', 1, null, 'dead'),
    ('unseen otp', 'otp', 'delivered', 2, null, 'dead'), ('unseen transactional', 'transactional', null, 1, null, 'dead'),
    ('unseen marketing', 'marketing', 'unknown', 1, null, 'dead'), ('looked at', 'alert', 'delivered', 1, null, 'dead'),
    ('waiting', 'alert', 'delivered', 1, 'receipt', null), ('silent', 'marketing', 'unconfirmed', 1, 'receipt', null),
    ('heard', 'transactional', 'delivered', 1, 'decide', null), ('unknown', 'alert', 'delivered', 1, 'reconcile', null),
    ('held', 'transactional', null, 1, null, null), ('released', 'transactional', 'delivered', 2, null, null),
    ('retrying', 'transactional', 'delivered', 2, 'dispatch', null), ('not sent', 'alert', 'delivered', 2, 'decide', null),
    ('refused', 'transactional', 'exhausted', 1, 'decide', null), ('climbing', 'alert', 'delivered', 2, 'dispatch', null),
    ('ladder', 'alert', 'delivered', 1, null, null), ('ended delivered', 'marketing', 'delivered', 1, null, null),
    ('ended unconfirmed', 'marketing', 'unconfirmed', 1, null, null), ('ended exhausted', 'marketing', 'exhausted', 1, null, null),
    ('ended opted_out', 'marketing', 'opted_out', 0, null, null), ('ended expired', 'marketing', 'expired', 0, null, null),
    ('ended unknown', 'marketing', 'unknown', 1, null, null);
create table public.expected (id bigint primary key, state text not null, outcome text, attempts integer not null);

with asked as (
    select s.*, n, row_number() over (order by state, n) as number from public.states s, generate_series(1, 20) n
), added as (
    insert into outrider.jobs (kind, channel, address, ladder, phone, email, body, template, subject, data, category, campaign, run_at,
                               created_at, expires_at, wait_seconds, metadata)
    select case when state in ('climbing', 'ladder') then 'notify' else 'send' end,
           case when state like 'chat%' then 'whatsapp' when state = 'mail' then 'email'
                when state not in ('climbing', 'ladder') then 'sms' end,
           case when state = 'suppressed' then '+15559999999' when state = 'lifted' then '+1447' || lpad(n::text, 7, '0')
                when state = 'chat' then '+1446' || lpad(n::text, 7, '0') when state = 'mail' then 'ann' || n || '@example.com'
                when state = 'stops' then '+1445' || lpad(n::text, 7, '0')
                when state like 'unseen%' then '+1999' || lpad(number::text, 7, '0')
                when state not in ('climbing', 'ladder') then '+1555' || lpad(number::text, 7, '0') end,
           case when state in ('climbing', 'ladder') then 'standard' end,
           case when state in ('climbing', 'ladder') then '+1444' || lpad(number::text, 7, '0') end,
           case when state in ('climbing', 'ladder') then 'bob' || number || '@example.com' end,
           case when state <> 'templated' then state || ' ' || n end, case when state = 'templated' then 'greeting' end,
           case when state in ('mail', 'climbing', 'ladder') then 'Hello' end, jsonb_build_object('name', 'Ann ' || n), category,
           case when state like 'campaign%' then state end,
           case when state in ('scheduled', 'stops', 'cancels') then clock_timestamp() + interval '1 day' end,
           clock_timestamp() - case when category = 'otp' then interval '1 minute' else interval '1 hour' end, case when state = 'too late' then clock_timestamp() - interval '30 seconds' end,
           case when state = 'silent' then 5 end, jsonb_build_object('state', state)
      from asked
    returning id, metadata ->> 'state' as state)
insert into public.expected select a.id, s.state, s.outcome, s.attempts from added a join public.states s using (state);
select outrider.pause_campaign('campaign paused', 'test');
select outrider.cancel(id) from public.expected where state = 'canceled';

-- Whatever is beyond its first look has no row of its insert any more.
delete from outrider.due d using public.expected e join public.states s using (state)
 where d.job_id = e.id and (s.due is not null or s.holder is not null or s.state ~ '^(ended .*|held|released)$');

create view public.begun as
select e.id, e.state, l.id as ladder_id, s.holder
  from public.expected e join public.states s using (state)
  left join outrider.ladders l on l.name = 'standard' and e.state in ('climbing', 'ladder')
 where s.holder is not null or s.state in ('waiting', 'silent', 'heard', 'unknown', 'held', 'released', 'retrying', 'not sent',
       'refused', 'climbing', 'ended delivered', 'ended unconfirmed', 'ended exhausted', 'ended unknown');
insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, worker, token)
select id, 1, 'intent', 'taken', clock_timestamp() - interval '10 minutes', 0, ladder_id, 'sms', 1, coalesce(holder, 'live'), gen_random_uuid()
  from public.begun;
insert into outrider.events (job_id, generation, kind, status, at, step, ladder_id, channel, sender_id, code, class, provider_id)
select id, 1, 'answer',
       case when state in ('unknown', 'held', 'released', 'ended unknown') then 'unknown' when state = 'not sent' then 'not_sent'
            when state in ('retrying', 'refused', 'climbing', 'ended exhausted') then 'refused' else 'accepted' end,
       clock_timestamp() - interval '10 minutes', 0, ladder_id, 'sms', 1,
       case state when 'retrying' then '20500' when 'refused' then '21211' when 'climbing' then '30003' end,
       case state when 'retrying' then 'transient' when 'refused' then 'invalid_address' when 'climbing' then 'unreachable'
                  when 'ended exhausted' then 'unreachable' end,
       case when state in ('waiting', 'heard', 'looked at') or state in ('ended delivered', 'ended unconfirmed') then 'SM' || id
            when state = 'silent' then 'silent' || id end
  from public.begun where state not in ('sending', 'abandoned') and state not like 'unseen%';
insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, level, provider_id)
select id, 1, 'receipt', 'delivered', 0, 'sms', 1, 'delivered', 'SM' || id from public.begun where state in ('heard', 'ended delivered');
insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, code, detail)
select id, 1, 'deferred', '1', 0, null, 'sms', 'quiet_hours', '{"until": 4102444800000000}'::jsonb
  from public.expected where state = 'deferred'
union all
select id, 1, 'next', 'decided', 0, ladder_id, 'sms', case state when 'retrying' then 'retry' else 'escalate' end,
       jsonb_build_object('next_step', case state when 'retrying' then 0 else 1 end)
  from public.begun where state in ('retrying', 'climbing');
insert into outrider.events (job_id, generation, kind, status, step, channel, reason)
select id, 1, 'held', 'held', 0, 'sms', 'nobody knows whether it was sent' from public.expected where state in ('held', 'released');
insert into outrider.events (job_id, generation, kind, status, channel, code)
select id, 0, 'outcome', 'ended', 'sms', outcome from public.expected where state like 'ended %';

insert into outrider.leases (worker, job_ids, generations, steps, ladder_ids, reasons)
select holder, array_agg(id), array_agg(1), array_agg(0), array_agg(null::integer),
       array_agg(case state when 'looked at' then 'receipt' else 'dispatch' end)
  from public.begun where holder is not null group by holder;
insert into outrider.open_sends (likeness, key, tenant, job_id, generation)
select -id, id, 'default', id, 1 from public.begun where state in ('sending', 'abandoned', 'unknown') or state like 'unseen%';
-- A ladder that nobody knows is what no worker can read.
insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
select clock_timestamp() + interval '1 day', e.id,
       case when s.due in ('dispatch', 'resume') then outrider.send_lane(e.id, l.id, case e.state when 'climbing' then 1 else 0 end)
            else outrider.look_lane(s.due, outrider.job_priority(s.category, null), 'sms') end,
       s.due, case e.state when 'climbing' then 1 else 0 end, case when e.state in ('retrying', 'climbing') then 2 else 1 end,
       case e.state when 'unread' then 999 else l.id end
  from public.expected e join public.states s using (state)
  left join outrider.ladders l on l.name = 'standard' and e.state = 'climbing'
 where s.due is not null
