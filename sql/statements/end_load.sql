-- Everybody has been read; or the load cannot go on, and why. $1 load, $2 holder, $3 why, or null.
-- Run by outrider_app, outrider_worker, outrider_operator.
select outrider.end_load($1::integer, $2::uuid, $3::text)
