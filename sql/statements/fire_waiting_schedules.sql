-- Fires the times that waited for what their schedule had made before.
-- Run by outrider_worker.
select outrider.fire_waiting_schedules() as fired
