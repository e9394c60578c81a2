-- Makes this worker known to the others. $1 id, $2 host, $3 process id, $4 version.
-- Run by outrider_worker.
insert into outrider.workers (id, host, process_id, version) values ($1, $2, $3, $4)
on conflict (id) do update set heartbeat_at = clock_timestamp()
