-- Forgets dead numbers whose time is over: a take does not count them any more.
-- Run by outrider_worker.
delete from outrider.dead_addresses
 where ctid = any (array(select ctid from outrider.dead_addresses where until < clock_timestamp() order by until limit 10000))
