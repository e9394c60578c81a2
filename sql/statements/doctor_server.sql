-- The server's version, the database's encoding, the clock and which settings keep values of rows out of the server's log but are set otherwise.
-- Run by outrider_app, outrider_worker, outrider_gateway, outrider_operator.
select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding, pg_is_in_recovery() as in_recovery,
       extract(epoch from clock_timestamp())::float8 as epoch,
       concat_ws(', ',
           case when current_setting('log_error_verbosity') <> 'terse' then 'log_error_verbosity = terse' end,
           case when current_setting('log_min_error_statement') not in ('log', 'fatal', 'panic') then 'log_min_error_statement = panic' end,
           case when current_setting('log_statement') in ('mod', 'all') then 'log_statement = none' end,
           case when current_setting('log_min_duration_statement') <> '-1' then 'log_min_duration_statement = -1' end,
           case when current_setting('log_min_duration_sample') <> '-1' then 'log_min_duration_sample = -1' end) as leaks
