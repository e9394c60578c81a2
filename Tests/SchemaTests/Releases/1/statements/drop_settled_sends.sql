-- Drops open sends that nobody looks at any more: of a job that was cancelled meanwhile, or whose attempt was settled by a
-- way that does not know them. Two minutes are time enough for a listing to show what there is.
-- Run by outrider_worker.
delete from outrider.open_sends o
 where o.since < clock_timestamp() - interval '2 minutes'
   and (not exists (select from outrider.events e
                     where e.job_id = o.job_id and e.generation = o.generation and e.kind = 'intent' offset 0)
        or exists (select from outrider.events e
                    where e.job_id = o.job_id and e.generation = o.generation
                      and (e.kind || '' in ('receipt', 'next', 'held')
                           or e.kind = 'answer' and e.status || '' in ('accepted', 'refused', 'not_sent', 'skipped'))
                   offset 0)
        or exists (select from outrider.events e
                    where e.job_id = o.job_id and e.generation = 0 and e.kind || '' = 'outcome' offset 0))
