-- Stops claims for a sender that the provider refuses.
--
-- $1 sender id, $2 seconds, $3 reason.
-- Run by outrider_worker.
update outrider.senders
   set paused_until = clock_timestamp() + make_interval(secs => $2::double precision), paused_reason = $3
 where id = $1 and (paused_until is null or paused_until < clock_timestamp() + make_interval(secs => $2::double precision / 2))
