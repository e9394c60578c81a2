-- Says what keeps this process from sending, and takes back what does not any more. Reports of processes that are gone are
-- dropped after an hour.
--
-- $1 process, $2 causes, $3 scopes, $4 details, $5 for how many seconds each has lasted.
-- Run by outrider_worker.
with given as materialized (
    select * from unnest($2::text[], $3::text[], $4::text[], $5::text[]::double precision[]) as g (cause, scope, detail, seconds)
), over as (
    delete from outrider.troubles t
     where t.process <> $1 and t.seen_at < clock_timestamp() - interval '1 hour'
        or t.process = $1 and not exists (select from given g where g.cause = t.cause and g.scope = t.scope)
    returning 1
)
insert into outrider.troubles as t (process, cause, scope, detail, since)
select $1, cause, scope, left(detail, 1000), clock_timestamp() - make_interval(secs => seconds) from given
on conflict (process, cause, scope) do update set detail = excluded.detail, seen_at = clock_timestamp()
