-- Forgets calls that no provider can still hold: Twilio ends a queued one after a day.
-- Run by outrider_worker.
delete from outrider.open_calls
 where ctid = any (array(select ctid from outrider.open_calls where begun_at < clock_timestamp() - interval '25 hours'
                          order by begun_at limit 10000))
