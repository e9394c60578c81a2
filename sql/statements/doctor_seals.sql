-- With which keys jobs that are due some time are sealed, among so many of them.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select key, count from outrider.sealed_due() order by key
