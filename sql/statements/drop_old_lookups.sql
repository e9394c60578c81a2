-- Forgets what was looked up too long ago: a take does not count it any more.
-- Run by outrider_worker.
delete from outrider.number_lookups
 where ctid = any (array(select ctid from outrider.number_lookups where good_until < clock_timestamp() order by good_until limit 10000
                     for update skip locked))
