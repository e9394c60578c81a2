-- due is a hint: what it should hold follows from jobs and events. These functions prove it, and mend it.

create function outrider.stranded_jobs(at_most integer default 1000) returns setof bigint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select j.id from jobs j
     where not exists (select from events o where o.job_id = j.id and o.generation = 0 and o.kind = 'outcome')
       and not exists (select from due d where d.job_id = j.id)
       and not exists (select from leases l where j.id = any (l.job_ids))
       and not exists (select from events h where h.job_id = j.id and h.kind = 'held'
                          and not exists (select from events r where r.job_id = j.id and r.generation = h.generation
                                             and r.kind = 'released'))
     order by j.id limit at_most
$$;
comment on function outrider.stranded_jobs(integer) is
    'Jobs that nothing will look at again: no outcome, no due row, no lease, not held. There should be none. Reads every job without an outcome.';

create function outrider.rebuild_due(at_most integer default 1000) returns bigint
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    rebuilt bigint;
begin
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    with stranded as materialized (
        select j.* from outrider.stranded_jobs(at_most) s join jobs j on j.id = s
    ), last as materialized (
        select s.id, e.generation, e.step, e.ladder_id, e.channel, e.kinds, n.detail
          from stranded s
          left join lateral (
               select generation, min(step) as step, min(ladder_id) as ladder_id, min(channel) as channel, array_agg(kind) as kinds
                 from events where job_id = s.id and generation > 0 and kind <> 'deferred'
                group by generation order by generation desc limit 1) e on true
          left join events n on n.job_id = s.id and n.generation = e.generation and n.kind = 'next'
    ), lost as (
        insert into events (job_id, generation, kind, status, step, ladder_id, reason)
        select id, generation, 'answer', 'lost', step, ladder_id, 'found without an answer or a lease'
          from last where 'intent' = any (kinds) and not 'answer' = any (kinds)
        on conflict do nothing
    ), steps as (
        select l.*, s.category, s.priority,
               coalesce((l.detail ->> 'next_step')::smallint, l.step, 0) as next_step,
               coalesce(l.ladder_id, case when s.kind = 'notify' then outrider.current_ladder(s.ladder) end) as ladder,
               s.run_at
          from last l join stranded s using (id)
    ), reasons as (
        select t.*, case when kinds is null or 'next' = any (kinds) then 'dispatch'
                         when 'intent' = any (kinds) and not 'answer' = any (kinds) then 'reconcile' else 'decide' end as reason
          from steps t
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    select greatest(clock_timestamp(), case when kinds is null then run_at end), id,
           case reason when 'dispatch' then outrider.send_lane(id, ladder, next_step)
                       else outrider.look_lane(reason, outrider.job_priority(category, priority), channel) end,
           reason, next_step,
           case when kinds is null then 1 when 'next' = any (kinds) then generation + 1 else generation end, ladder
      from reasons;
    get diagnostics rebuilt = row_count;
    return rebuilt;
end $$;
comment on function outrider.rebuild_due(integer) is
    'Gives every stranded job its due row back, worked out from its events. Safe at any time: a due row too many is dropped. Returns how many.';

revoke all on function outrider.stranded_jobs(integer), outrider.rebuild_due(integer) from public;
grant execute on function outrider.stranded_jobs(integer), outrider.rebuild_due(integer) to outrider_operator;
