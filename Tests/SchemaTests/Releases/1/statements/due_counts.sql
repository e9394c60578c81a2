-- Jobs with a due row, by its reason and by whether its time has come. Timers that an ended job leaves behind do not
-- count. At most 100,000 due rows are read, so that looking at a campaign of many millions stays cheap; more show as 100,000.
-- `kind || ''` and `offset 0` make it one look-up for each: else all outcomes there are would be read for a join.
-- Run by outrider_gateway, outrider_operator.
select reason, at > clock_timestamp() as is_later, count(distinct job_id) as count
  from (select reason, at, job_id from outrider.due limit 100000) d
 where not exists (select from outrider.events o
                    where o.job_id = d.job_id and o.generation = 0 and o.kind || '' = 'outcome' offset 0)
 group by 1, 2 order by 1, 2
