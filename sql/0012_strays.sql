-- The search for jobs without a due row reads much. While it reads it holds no transaction id, or no worker's floor could
-- rise, and each of their looks would step over all that was taken meanwhile.

create or replace function outrider.strays(candidates bigint[]) returns bigint[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp
    set enable_seqscan = on set enable_hashjoin = on as $$
    -- One snapshot: a job is never between its due row, its lease and what follows. Due rows have no index by job, so they
    -- are read once for all candidates; the rest is looked up (`offset 0`), as a join of whole partitions is a thousand times slower.
    -- `= any (candidates)` would compare each due row with each candidate.
    with wanted as materialized (
        select distinct id from unnest(candidates) as id
    ), present as materialized (
        select d.job_id from due d where d.job_id in (select id from wanted)
        union all
        select u.id from leases l cross join lateral unnest(l.job_ids) as u (id)
    )
    select coalesce(array_agg(c.id order by c.id), '{}') from wanted c
     where (c.id in (select job_id from present)) is not true
       and exists (select from jobs j where j.id = c.id and j.created_at < clock_timestamp() - interval '1 minute' offset 0)
       and not exists (select from events o where o.job_id = c.id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
       and not exists (select from events h where h.job_id = c.id and h.kind || '' = 'held'
                          and not exists (select from events r where r.job_id = h.job_id and r.generation = h.generation
                                             and r.kind || '' = 'released') offset 0)
$$;

create function outrider.begin_stray_walk() returns bigint
    language sql security definer set search_path = pg_catalog, outrider, pg_temp as $$
    update stray_walk w
       -- The more due rows there are to read, the more seldom.
       set look_at = clock_timestamp() + make_interval(secs => 60 + (select greatest(reltuples, 0) / 10000 from pg_class
                                                                      where oid = 'outrider.due'::regclass))
      from (select is_the_only_row from stray_walk where look_at <= clock_timestamp() for update skip locked) as due_walk
     where w.is_the_only_row = due_walk.is_the_only_row and displacement() is null
    returning w.next_id
$$;
comment on function outrider.begin_stray_walk() is 'Takes on the search for jobs without a due row: after which job it goes on. Nothing when another worker did so within a minute or more.';

create function outrider.find_strays(after bigint, part integer default 20000, out strays bigint[], out until bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    around bigint[] := array(select id from jobs where id > after order by id limit part);
begin
    strays := outrider.strays(around || array(select id from jobs order by id desc limit part));
    until := case when cardinality(around) < part then 0 else around[part] end;
end $$;
comment on function outrider.find_strays(bigint, integer) is 'Those among the newest jobs, and among a part of the others, that nothing will look at again; and where the next search goes on. Writes nothing.';

create function outrider.end_stray_walk(strays bigint[], until bigint) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    still bigint[];
begin
    perform from stray_walk for update;  -- Of two searches that overlap, the second finds what the first has mended.
    still := outrider.strays(strays);
    update stray_walk w
       set next_id = until, found = w.found + cardinality(still),
           found_at = case when cardinality(still) > 0 then clock_timestamp() else w.found_at end;
    return case when cardinality(still) > 0 then place_due(still) else 0 end;
end $$;
comment on function outrider.end_stray_walk(bigint[], bigint) is 'Gives these jobs their due rows back, those that still have none, and notes where the next search goes on. Returns how many.';

drop function outrider.mend_strays(integer);

revoke execute on function outrider.begin_stray_walk(), outrider.find_strays(bigint, integer),
    outrider.end_stray_walk(bigint[], bigint) from public;
grant execute on function outrider.begin_stray_walk(), outrider.find_strays(bigint, integer),
    outrider.end_stray_walk(bigint[], bigint) to outrider_worker;
