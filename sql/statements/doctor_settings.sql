-- Settings of this session that Outrider relies on and that are otherwise: each with its value. A session of our own sets them
-- itself; behind pgbouncer in transaction mode they come from the role or the database.
-- Run by outrider_app, outrider_worker, outrider_gateway, outrider_operator.
select coalesce(array_agg(format('%s = %s', name, case when setting = '' then '''''' else setting end) order by name), '{}') as wrong,
       current_setting('max_prepared_transactions')::integer as prepared_transactions
  from pg_settings
 where (name, setting) not in (
           ('default_transaction_isolation', 'read committed'), ('default_transaction_read_only', 'off'), ('array_nulls', 'on'),
           ('standard_conforming_strings', 'on'), ('transform_null_equals', 'off'), ('exit_on_error', 'off'), ('lock_timeout', '0'),
           ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('IntervalStyle', 'postgres'), ('client_encoding', 'UTF8'),
           ('row_security', 'on'))
   and name in ('default_transaction_isolation', 'default_transaction_read_only', 'array_nulls', 'standard_conforming_strings',
                'transform_null_equals', 'exit_on_error', 'lock_timeout', 'extra_float_digits', 'bytea_output', 'IntervalStyle',
                'client_encoding', 'row_security')
    or name = 'synchronous_commit' and setting = 'off'
    or name = 'session_replication_role' and setting <> 'origin'
    or name = 'DateStyle' and setting not like 'ISO%'
