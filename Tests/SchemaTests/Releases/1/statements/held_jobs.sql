-- Jobs that wait for a person, the oldest first, with everything recorded about the attempt: held, not released, not ended.
--
-- $1 the most jobs.
-- Run by outrider_operator.
select h.job_id, h.generation, coalesce(h.step, 0)::integer as step, j.tenant, j.category,
       coalesce(j.ladder, '') as ladder, coalesce(h.channel, j.channel, '') as channel,
       coalesce(s.name, '') as sender, coalesce(h.reason, '') as reason,
       coalesce(outrider.address_on(coalesce(h.channel, j.channel), j.address, j.phone, j.email), '') as address,
       to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as held_at,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                   'event', e.kind || ': ' || e.status,
                   'detail', concat_ws('; ', e.reason, 'code ' || e.code, 'class ' || e.class, e.provider_id,
                                       'worker ' || e.worker)) order by e.at, e.kind), '[]')
          from outrider.events e
         where e.job_id = h.job_id and e.generation = h.generation and e.kind <> 'held')::text as evidence
  from outrider.events h
  cross join lateral (select * from outrider.jobs where id = h.job_id offset 0) j
  left join outrider.senders s on s.id = h.sender_id
 where h.kind = 'held'
   and not exists (select from outrider.events r
                    where r.job_id = h.job_id and r.generation = h.generation and r.kind = 'released' offset 0)
   and not exists (select from outrider.events o
                    where o.job_id = h.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
 order by h.at, h.job_id limit $1::integer
