-- Says that this worker is alive. No row comes back when the others took it for dead. $1 id, $2 state.
-- Run by outrider_worker.
update outrider.workers set heartbeat_at = clock_timestamp(), state = $2 where id = $1 returning id
