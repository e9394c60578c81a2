-- What people are told of a job: tomorrow's is scheduled, a code is said in words, and times name their zone.

-- What a rule calls must find PostgreSQL's own functions, whatever the search path of whoever inserts.
alter function outrider.is_time_zone(text) set search_path = pg_catalog, pg_temp;

create or replace view outrider.job_status with (security_barrier) as
select j.id, j.tenant, j.kind, j.category, j.ladder,
       case when o.code is not null then o.code
            when h.held then 'held'
            when i.generation is null and j.run_at > clock_timestamp() then 'scheduled'
            when i.generation is null then 'queued'
            when a.status is null then 'sending'
            else 'waiting' end as state,
       o.code as outcome,
       coalesce(o.channel, i.channel, j.channel) as channel,
       o.reason,
       coalesce(i.attempts, 0) as attempts,
       i.step,
       j.run_at, j.created_at, i.first_at as started_at, o.at as ended_at,
       j.idempotency_key, j.metadata
  from outrider.jobs j
  left join lateral (
       select e.code, e.channel, e.reason, e.at from outrider.events e
        where e.job_id = j.id and e.generation = 0 and e.kind || '' = 'outcome' and e.status = 'ended' limit 1) o on true
  left join lateral (
       select (array_agg(e.generation order by e.generation desc))[1] as generation,
              (array_agg(e.channel order by e.generation desc))[1] as channel,
              (array_agg(e.step order by e.generation desc))[1] as step,
              count(*) as attempts, min(e.at) as first_at
         from outrider.events e where e.job_id = j.id and e.kind = 'intent' having count(*) > 0) i on true
  left join lateral (
       select e.status from outrider.events e
        where e.job_id = j.id and e.generation = i.generation and e.kind = 'answer' limit 1) a on true
  left join lateral (
       select true as held from outrider.events e
        where e.job_id = j.id and e.kind || '' = 'held'
          and not exists (select from outrider.events r where r.job_id = j.id and r.generation = e.generation and r.kind = 'released')
        limit 1) h on true
 -- Subselects, so that both are found once a query and not once a row.
 where j.tenant = (select outrider.current_tenant()) or (select outrider.is_staff())
 -- So that the newest are found by the index: a barrier's rows come in no order that the query above it could use.
 order by j.id desc;
comment on view outrider.job_status is 'Where each job stands: scheduled, queued, sending, waiting, held, or its outcome. An application sees its own tenant''s jobs.';

create or replace function outrider.timeline(job_id bigint)
    returns table (at timestamptz, attempt integer, step integer, channel text, event text, detail text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(timeline.job_id);
begin
    return query select * from (
    select job.created_at as at, 0 as attempt, null::integer as step, job.channel as channel, 'asked'::text as event,
           case job.kind when 'notify' then 'notify by ladder ' || job.ladder else 'send by ' || job.channel end
           || ', category ' || job.category || coalesce(', not before ' || to_char(job.run_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')
           as detail
    union all
    select e.at, e.generation, e.step::integer, e.channel,
           case e.kind when 'next' then 'then' when 'outcome' then 'ended' else e.kind end
           || ': ' || case when e.kind in ('next', 'deferred', 'outcome') then coalesce(e.code, e.status) when e.kind = 'intent' then 'about to send' else e.status end,
           concat_ws('; ', e.reason,
                case when e.kind not in ('next', 'deferred', 'outcome') then 'code ' || e.code end,
                -- A code stands in one table: a word of a call, or a number, or SendGrid's.
                (select c.meaning from error_codes c
                  where c.code = e.code and e.class is not null
                    and c.provider = any (case e.channel when 'email' then array['sendgrid']
                                                         else array['twilio', 'twilio-voice'] end)
                  order by c.provider limit 1),
                case when e.kind not in ('outcome') then 'class ' || e.class end,
                (select s.name from senders s where s.id = e.sender_id), e.provider_id)
      from events e where e.job_id = job.id) t
     -- The outcome is about the whole job, so of one millisecond, which is what a reader is shown, it comes last.
     order by date_trunc('milliseconds', t.at), (t.event like 'ended:%'), t.attempt, t.at;
end $$;
