-- The time zones that schedules go by.
-- Run by outrider_worker, outrider_gateway.
select distinct time_zone as zone from outrider.schedule_status order by 1 limit 200
