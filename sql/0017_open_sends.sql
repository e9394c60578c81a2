-- Which campaign a send belongs to that is on its way: a pause says how many those are.
--
-- Of the tables that are busy, this migration locks open_sends alone.

set local lock_timeout = '5s';

alter table outrider.open_sends add column campaign_id integer;
comment on column outrider.open_sends.campaign_id is 'The campaign of a send that was begun from its lanes.';
