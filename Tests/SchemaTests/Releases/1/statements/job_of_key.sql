-- The job that an idempotency key of the login's own tenant stands for. $1 key.
-- Run by outrider_app.
select id from (select outrider.job_of_key($1) as id) known where id is not null
