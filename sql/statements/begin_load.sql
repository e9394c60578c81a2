-- Begins to load people from a file. $1 campaign, $2 the file's name, $3 reason, $4 tenant, or null for
-- the login's own.
-- Run by outrider_app, outrider_operator.
select load_id, holder::text as holder
  from outrider.begin_load($1::text, $2::text, $3::text, coalesce($4::text, outrider.current_tenant()))
