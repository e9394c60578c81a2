-- A standby was promoted and lacks nothing: the fleet goes on. False where something else is amiss.
-- Run by outrider_worker.
select outrider.note_promotion() as is_noted
