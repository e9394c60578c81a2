-- A campaign in one statement: everybody in the audience is asked for once, however often this runs.
--
--   psql -v ON_ERROR_STOP=1 -f campaign.sql "$DATABASE_URL"       as a login with the role outrider_app
--
-- The idempotency key is campaign, date and recipient. The date is the campaign's own, not today's: a run that is late,
-- repeated, or interrupted and begun again asks only for those who are still missing. A weekly campaign takes the week it
-- is about (to_char(now(), 'IYYY-"W"IW')) instead. psql prints "INSERT 0 n": n is how many are new, 0 the second time.
with campaign (name, day, begins) as (
    values ('spring-offer', date '2026-03-21', timestamptz '2026-03-21 10:00:00 Europe/Berlin')
)
insert into outrider.jobs (channel, address, template, data, locale, time_zone, category, run_at, expires_at,
                           idempotency_key, metadata)
select 'sms', p.phone, c.name, jsonb_build_object('name', p.name), p.locale, p.time_zone, 'marketing',
       greatest(c.begins, now()), greatest(c.begins, now()) + interval '8 hours',
       c.name || '/' || c.day || '/' || p.id,
       jsonb_build_object('campaign', c.name, 'day', c.day)
  from shop.people p cross join campaign c
 where p.wants_offers
   and p.phone ~ '^\+[1-9][0-9]{6,14}$'     -- one number Outrider refuses would refuse the whole statement
 order by p.id;
