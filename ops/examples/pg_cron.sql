-- The campaign from inside PostgreSQL, with the extension pg_cron: no other host, no psql.
-- Put the statement of campaign.sql into a function, schedule the call. Times are UTC unless cron.timezone is set.
--
-- Run as a superuser in the database that cron.database_name names.
create extension if not exists pg_cron;

create procedure shop.ask_spring_offer() language sql as $$
    insert into outrider.jobs (channel, address, template, data, locale, category, idempotency_key)
    select 'sms', p.phone, 'spring-offer', jsonb_build_object('name', p.name), p.locale, 'marketing',
           'spring-offer/2026-03-21/' || p.id
      from shop.people p
     where p.wants_offers and p.phone ~ '^\+[1-9][0-9]{6,14}$'
$$;

-- As the application's login, so that its tenant counts and nothing more than it may do can happen.
select cron.schedule_in_database('spring-offer', '55 8 21 3 *', 'call shop.ask_spring_offer()', current_database(), 'shop');

-- What ran: select * from cron.job_run_details order by start_time desc;  and no more: select cron.unschedule('spring-offer');
