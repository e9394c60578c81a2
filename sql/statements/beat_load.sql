-- Says that a load goes on. False: it is another's now. $1 load, $2 holder.
-- Run by outrider_worker.
select outrider.beat_load($1::integer, $2::uuid) as is_mine
