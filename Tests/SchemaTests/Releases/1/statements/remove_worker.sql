-- Says that this worker has stopped. $1 id.
-- Run by outrider_worker.
delete from outrider.workers where id = $1
