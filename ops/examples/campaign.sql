-- A campaign in one statement: everybody in the audience is asked for once, however often this runs.
--
--   psql -v ON_ERROR_STOP=1 -f campaign.sql "$DATABASE_URL"
--
-- as a login with the role outrider_app that may read the audience (USAGE on its schema, SELECT on its table).
--
-- begins and ends are the hours of each person's own zone. Run it any time before, best a day: Outrider keeps the jobs, and
-- sends to each person when their hour has come. So the zone of cron or of the host does not matter. A run that is late asks
-- with what is left of the window. When nobody's window is open any more, nothing is asked for and psql ends with code 3:
-- refused by expires_at_must_be_after_run_at. So no offer of March is sent in November, and none at night.
--
-- The key is campaign, date and recipient. The date is the campaign's own, not today's: a run that is repeated, or
-- interrupted and begun again, asks only for those who are still missing. psql prints "INSERT 0 n": n is how many are new.
-- For one hour everywhere, write a zone's name in place of p.time_zone, such as 'Europe/Berlin'.
with campaign (name, begins, ends) as (
    values ('spring-offer', timestamp '2027-03-20 10:00', timestamp '2027-03-20 20:00')
), people as (
    select p.*, c.name as campaign, c.begins::date as day, c.begins at time zone p.time_zone as begins,
           c.ends at time zone p.time_zone as ends, max(c.ends at time zone p.time_zone) over () as last_end
      from shop.people p cross join campaign c
     where p.wants_offers
       and p.phone ~ '^\+[1-9][0-9]{6,14}$'     -- one number Outrider refuses would refuse the whole statement
)
insert into outrider.jobs (channel, address, template, data, locale, time_zone, category, campaign, run_at, expires_at,
                           idempotency_key, metadata)
select 'sms', phone, campaign, jsonb_build_object('name', name), locale, time_zone, 'marketing', campaign,
       greatest(begins, now()), ends,
       campaign || '/' || day || '/' || id,
       jsonb_build_object('campaign', campaign, 'day', day)
  from people
 where ends > now() or last_end <= now()        -- whose day is over is left out; when all are over, the rule above refuses
 order by id;
