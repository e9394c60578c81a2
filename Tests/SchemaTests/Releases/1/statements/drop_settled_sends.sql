-- Drops open sends that nobody looks at any more: of an attempt that was settled by a way that does not know them, or that
-- never began. Two minutes are time enough for a listing to show what there is.
--
-- - One that was given up, or whose job ended otherwise, gets a key of its own, so that nobody waits for it.
-- - Its row goes once no send is left that could take its message: after seven minutes, when no open one looks like it.
-- Run by outrider_worker.
with old as materialized (
    select o.likeness, o.key, o.job_id, o.since, o.key = hashint8extended(o.job_id, o.generation) as has_own_key,
           not exists (select from outrider.events e
                        where e.job_id = o.job_id and e.generation = o.generation and e.kind = 'intent' offset 0)
           or exists (select from outrider.events e
                       where e.job_id = o.job_id and e.generation = o.generation
                         and (e.kind || '' = 'receipt' and e.provider_id is not null
                              or e.kind || '' = 'answer' and e.status || '' in ('accepted', 'refused', 'not_sent', 'skipped'))
                      offset 0) as is_known,
           exists (select from outrider.events e
                    where e.job_id = o.job_id
                      and (e.generation = o.generation and e.kind || '' in ('next', 'held')
                           or e.generation = 0 and e.kind || '' = 'outcome') offset 0) as is_given_up
      from outrider.open_sends o
     where o.since < clock_timestamp() - interval '2 minutes'
), dropped as (
    delete from outrider.open_sends o
     where ((likeness, key) in (
           select likeness, key from old
            where is_known
               or is_given_up
                  and (not has_own_key
                       or since < clock_timestamp() - interval '7 minutes'
                          and not exists (select from outrider.open_sends a
                                           where a.likeness = old.likeness and a.job_id <> old.job_id
                                             and ((a.likeness, a.key) in (select likeness, key from old where is_given_up))
                                                 is not true offset 0)))) is true
    returning *
)
insert into outrider.open_sends (likeness, key, content, tenant, job_id, generation, since)
select likeness, hashint8extended(job_id, generation), content, tenant, job_id, generation, since from dropped
 where ((likeness, key) in (select likeness, key from old where not is_known and not has_own_key)) is true
on conflict do nothing
