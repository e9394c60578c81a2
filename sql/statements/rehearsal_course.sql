-- What came first for the people of a rehearsal, a row for each such thing, and when, in seconds of the real campaign. $1 how much
-- faster it sent, $2 how much shorter it waited.
-- Run by owner.
with people as (
    select f.channel, f.at as begun, o.at as ended, coalesce(f.channel, s.code, o.code, 'waiting') as first,
           -- A rate's window begins with the second, and what is left of the first one may be short.
           min(date_trunc('second', f.at)) over () as start
      from outrider.jobs j
      left join lateral (
           select e.at, e.channel from outrider.events e
            where e.job_id = j.id and e.kind = 'intent'
              and not exists (select from outrider.events a where a.job_id = j.id and a.generation = e.generation
                                 and a.kind = 'answer' and a.status = 'skipped')
            order by e.generation limit 1) f on true
      left join lateral (
           -- The strongest reason, as a preview names it.
           select e.code from outrider.events e
            where e.job_id = j.id and e.kind = 'answer' and e.status = 'skipped'
            order by array_position('{opted_out,no_address,invalid_number,prefix_blocked,country_not_allowed,risky_number,dead_number,no_text_line,route_closed,no_sender,no_consent,window_closed,no_content}', e.code) limit 1) s on true
      left join lateral (
           select e.at, e.code from outrider.events e
            where e.job_id = j.id and e.generation = 0 and e.kind || '' = 'outcome' and e.status = 'ended' limit 1) o on true
)
select first, count(*)::integer as people, count(ended)::integer as ended,
       coalesce(max(extract(epoch from begun - start)), 0)::double precision * $1::double precision as begun_after,
       coalesce(max(extract(epoch from begun - start) * $1::double precision + extract(epoch from ended - begun) * $2::double precision),
                0)::double precision as ended_after
  from people group by first order by people desc, first
