-- The name of an audience as the catalog has it, quoted where it must be; or why it may not be read. $1 the name.
-- Run by outrider_app, outrider_worker, outrider_operator.
select outrider.check_audience($1::text, false) as relation
