-- Jobs that wait for a person: held, not released, not ended.
-- Run by outrider_gateway, outrider_operator.
select count(*) as count
  from outrider.events h
 where h.kind = 'held'
   and not exists (select from outrider.events r
                    where r.job_id = h.job_id and r.generation = h.generation and r.kind = 'released' offset 0)
   and not exists (select from outrider.events o
                    where o.job_id = h.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
