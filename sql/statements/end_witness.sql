-- The providers' lists were read: $1 whether to the moment where the database's memory ends, $2 what stood in the way (null:
-- nothing).
-- Run by outrider_worker.
update outrider.witness set finished_at = case when $2::text is null then clock_timestamp() end, is_whole = $1::boolean, fault = $2
