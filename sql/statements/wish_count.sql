-- How many sentences that ask for no more messages nobody has decided, and how old the oldest is, in seconds.
-- Run by outrider_gateway, outrider_operator, outrider_worker.
select count(*) as count, coalesce(extract(epoch from clock_timestamp() - min(asked_at)), 0)::double precision as oldest
  from (select asked_at from outrider.opt_out_wishes where settled_at is null order by asked_at limit 10000) w
