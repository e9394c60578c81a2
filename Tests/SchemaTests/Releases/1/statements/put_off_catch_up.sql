-- Gives the lease up. The next look goes on where this one was, or begins again.
--
-- $1 holder, $2 seconds to the next look, $3 whether the provider could not be asked, $4 whether to begin again.
-- Run by outrider_worker.
update outrider.catch_ups
   set look_at = clock_timestamp() + make_interval(secs => $2), holder = null,
       failures = case when $3 then failures + 1 else failures end,
       next_page = case when not $4 then next_page end,
       pass_from = case when not $4 then pass_from end
 where holder = $1
