-- Example logins, one role of Outrider's each. Run once, as a superuser, after `outrider migrate`; then set a password for
-- each (psql: \password shop) or use certificates or peer authentication in pg_hba.conf.

-- An application: inserts jobs, sees and changes those of its own tenant.
create role shop login in role outrider_app;
insert into outrider.tenant_roles (role_name, tenant) values ('shop', 'shop');

-- Outrider's own processes. Give each host its own login if you want to tell them apart or lock one out.
create role outrider_work login in role outrider_worker connection limit 200;
create role outrider_web login in role outrider_gateway connection limit 100;

-- The operator page, when people act on it: OUTRIDER_OPERATOR_DATABASE_URL. Never the gateway's own login.
create role outrider_page login in role outrider_operator connection limit 20;

-- A person: senders, templates, ladders, what is held.
create role ann login in role outrider_operator;

-- Settings of the sessions. Outrider sets these itself on a direct connection; behind pgbouncer in transaction mode a
-- session belongs to nobody, and this is the only place for them.
--   A plan made for an empty table walks a whole index later: plan for the values at hand.
alter role outrider_work set plan_cache_mode = force_custom_plan;
alter role outrider_web set plan_cache_mode = force_custom_plan;
--   The server gives up shortly before the client does (10 s), so that the outcome is known.
alter role outrider_work set statement_timeout = '9500ms';
alter role outrider_web set statement_timeout = '9500ms';
--   A transaction that sits idle holds back vacuum and every worker's watermark.
alter role outrider_work set idle_in_transaction_session_timeout = '30s';
alter role outrider_web set idle_in_transaction_session_timeout = '30s';
alter role shop set idle_in_transaction_session_timeout = '60s';
--   A backend whose client is gone notices (PostgreSQL 14 and later).
alter role outrider_work set client_connection_check_interval = '2s';
alter role outrider_web set client_connection_check_interval = '2s';
--   What Outrider relies on, whatever the database is set to: `outrider doctor` names what is otherwise.
alter role outrider_work set default_transaction_isolation = 'read committed';
alter role outrider_web set default_transaction_isolation = 'read committed';
alter role outrider_work set array_nulls = on;
alter role outrider_web set array_nulls = on;
alter role outrider_work set lock_timeout = 0;
alter role outrider_web set lock_timeout = 0;
alter role outrider_work set synchronous_commit = on;
alter role outrider_web set synchronous_commit = on;
alter role outrider_work set search_path = public;
alter role outrider_web set search_path = public;
--   Their statements are small; compiling them costs more than running them.
alter role outrider_work set jit = off;
alter role outrider_web set jit = off;

-- Keep bodies and numbers of refused rows out of the server's log for the logins that write them, without touching the
-- rest of the server (see postgresql.conf for what each setting stops).
alter role outrider_work set log_error_verbosity = terse;
alter role outrider_work set log_min_error_statement = panic;
alter role outrider_web set log_error_verbosity = terse;
alter role outrider_web set log_min_error_statement = panic;
alter role outrider_page set log_error_verbosity = terse;
alter role outrider_page set log_min_error_statement = panic;
alter role shop set log_error_verbosity = terse;
alter role shop set log_min_error_statement = panic;
alter role ann set log_error_verbosity = terse;
alter role ann set log_min_error_statement = panic;
