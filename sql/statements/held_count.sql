-- Jobs that wait for a person: held, not released, not ended. The workers' tally says before which time none of them was
-- held. At most $1 are looked at, the oldest first: where there are more, there are at least so many.
--
-- $1 the most that are looked at.
-- Run by outrider_gateway, outrider_operator.
select count(*) filter (where waits) as count, count(*) <= $1 as is_exact
  from (select not exists (select from outrider.events r
                            where r.job_id = h.job_id and r.generation = h.generation and r.kind = 'released' offset 0)
               and not exists (select from outrider.events o
                                where o.job_id = h.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0) as waits
          from (select held_from from outrider.tallying) t
         cross join lateral (
               select h.job_id, h.generation from outrider.events h
                where h.kind = 'held' and h.at > t.held_from order by h.at limit (select $1 + 1)) h) w
