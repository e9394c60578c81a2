-- Keeps how far the list was read, once what it showed is stored. No row comes back when the lease was lost.
-- Times in the future, from before the database's clock was set back, are put right by the next claim.
--
-- $1 holder, $2 the next page (null: that was the last), $3 seconds to the next look, or of the lease.
-- Run by outrider_worker.
update outrider.catch_ups
   set next_page = $2, failures = 0, look_at = clock_timestamp() + make_interval(secs => $3),
       seen_until = case when $2::text is null then greatest(seen_until, pass_from) else seen_until end,
       listed_until = case when $2::text is null then greatest(listed_until, pass_from) else listed_until end,
       pass_from = case when $2::text is not null then pass_from end
 where holder = $1 returning 1
