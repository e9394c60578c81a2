-- An offer every Monday at 10 by the clock in Berlin. Outrider's workers fire it: no cron, no other host.
--
--   psql -v ON_ERROR_STOP=1 -f schedule.sql "$DATABASE_URL"
--
-- as a login with the role outrider_app that may read the audience. The role outrider_worker must read it too: audience.sql.
-- Run it again to change it: times that were decided stay so, and no time fires twice.
--
-- Each time makes a campaign of its own, such as weekly-offer/2026-11-30T10:00, and reads the audience then. So keep a table
-- as it should be, or refresh the materialized view before. After 20 o'clock nobody is written to any more. When no worker
-- ran at 10, it fires when one does, up to two hours late. The offer before that has not ended keeps the next from beginning.
select outrider.create_schedule(
    name      => 'weekly-offer',
    cron      => '0 10 * * MON',
    time_zone => 'Europe/Berlin',
    action    => '{"campaign": {"channel": "sms", "audience": "shop.offer_audience",
                                "body": "Hello {{name}}, this week 10 % off. Reply STOP to opt out."}}',
    lasts     => '10 hours',
    catch_up  => '2 hours',
    tags      => '{offers}',
    replace   => true,
    reason    => 'the weekly offer');

-- When it fires next, and what became of its last time. `outrider schedule show weekly-offer` says more.
select name, words, state, next_at, last_at, last_outcome, problem from outrider.schedule_status where name = 'weekly-offer';
