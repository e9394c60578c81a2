-- The server's version, the database's encoding, the clock and log settings.
-- Run by outrider_app, outrider_worker, outrider_gateway, outrider_operator.
select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding, pg_is_in_recovery() as in_recovery,
       extract(epoch from clock_timestamp())::float8 as epoch,
       current_setting('log_min_error_statement') as log_min_error_statement,
       current_setting('log_error_verbosity') as log_error_verbosity
