-- Makes the partitions that the next jobs need, before they need them.
-- Run by outrider_worker.
select outrider.create_partitions() as created
