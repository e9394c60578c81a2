-- A person says that workers may send from this database. $1 reason.
-- Run by outrider_operator.
select outrider.adopt($1) as result
