-- The campaign from inside PostgreSQL, with the extension pg_cron: no other host, no psql.
--
-- Run as a superuser in the database that cron.database_name names. pg_cron's hours are UTC unless cron.timezone is set. As in
-- campaign.sql none that matters stands here: the call asks on the day before, and the job says when it may be sent.
create extension if not exists pg_cron;

create procedure shop.ask_spring_offer() language sql as $$
    with campaign (name, begins, ends) as (
        values ('spring-offer', timestamp '2027-03-20 10:00', timestamp '2027-03-20 20:00')
    ), people as (
        select p.*, c.name as campaign, c.begins::date as day, c.begins at time zone p.time_zone as begins,
               c.ends at time zone p.time_zone as ends, max(c.ends at time zone p.time_zone) over () as last_end
          from shop.people p cross join campaign c
         where p.wants_offers and p.phone ~ '^\+[1-9][0-9]{6,14}$'
    )
    insert into outrider.jobs (channel, address, template, data, locale, time_zone, category, campaign, run_at, expires_at,
                               idempotency_key)
    select 'sms', phone, campaign, jsonb_build_object('name', name), locale, time_zone, 'marketing', campaign,
           greatest(begins, now()), ends, campaign || '/' || day || '/' || id
      from people
     where ends > now() or last_end <= now()
$$;
grant execute on procedure shop.ask_spring_offer() to outrider_app;

-- As the application's login, so that its tenant counts and nothing more than it may do can happen.
select cron.schedule_in_database('spring-offer', '0 12 19 3 *', 'call shop.ask_spring_offer()', current_database(), 'shop');

-- What ran: select * from cron.job_run_details order by start_time desc;  and no more: select cron.unschedule('spring-offer');
