-- What the application does: one INSERT … SELECT in its own transaction. A second run inserts nothing, by the keys.
-- The expectations travel in metadata, which Outrider only keeps and shows.
begin;
insert into outrider.jobs (kind, channel, address, ladder, phone, email, category, template, body, subject, data, locale,
                           wait_seconds, media_urls, run_at, expires_at, idempotency_key, metadata)
select kind, channel, address, ladder, phone, email, category, template, body, subject, coalesce(data, '{}'),
       coalesce(locale, 'en'), wait_seconds, array_remove(array[media_url], null),
       case setup when 'later' then clock_timestamp() + interval '5 seconds' when 'cancel' then clock_timestamp() + interval '1 hour' end,
       case setup when 'expire' then clock_timestamp() + interval '500 milliseconds' end,
       'demo-' || line,
       jsonb_build_object('line', line, 'name', name, 'setup', coalesce(setup, ''), 'outcome', expected_outcome,
                          'channel', coalesce(expected_channel, ''), 'why', why)
  from demo.recipients order by line;
-- Two recipients' time runs out while this transaction is open: 'expire'.
select pg_sleep(0.6) from (select from demo.recipients where setup = 'expire' limit 1) as late;
commit;
