-- Takes calls that are to be ended, the one that has waited longest first, with what is known of each. Others find them again
-- when nothing is heard of them for a while. Nothing is taken in a database that was restored or copied, until it is adopted.
--
-- $1 how many at most, $2 seconds until others try.
-- Run by outrider_worker.
with picked as materialized (
    select job_id, generation from outrider.ends
     where at <= statement_timestamp() and (select outrider.is_adopted())
     order by at limit (select $1::bigint) for update skip locked
), taken as (
    update outrider.ends e set at = clock_timestamp() + make_interval(secs => $2), tries = e.tries + 1
      from picked p where e.job_id = p.job_id and e.generation = p.generation
    returning e.*
)
select t.job_id, t.generation, t.reason, t.tries,
       (extract(epoch from statement_timestamp() - t.asked_at) * 1000000)::bigint as waited,
       (select json_agg(json_build_array(
                   e.generation, e.kind, e.status, (extract(epoch from e.at) * 1000000)::bigint, e.step, e.code, e.class,
                   e.level, e.provider_id, e.token, e.detail))
          from outrider.events e where e.job_id = t.job_id and e.generation = t.generation)::text as history
  from taken t
