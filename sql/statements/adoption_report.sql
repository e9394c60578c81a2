-- What workers will do once this database is adopted, and how far it is known.
-- Run by outrider_operator.
select outrider.displacement() as displacement, w.finished_at is not null as is_witnessed, w.is_whole, w.fault,
       coalesce((select json_agg(json_build_object('what', r.what, 'category', r.category, 'count', r.count) order by r.what, r.category)
                   from outrider.adoption_report() r), '[]')::text as report
  from (select) as always left join outrider.witness w on true
