-- Texts that somebody was warned of: how many, by what is amiss, with the first few names.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select problem, count(*) filter (where kind = 'template') as templates, count(*) filter (where kind = 'campaign') as campaigns,
       array_to_string((array_agg(distinct left(name, 100)))[1:5], ', ') as names
  from outrider.doubtful_texts() group by problem order by problem
