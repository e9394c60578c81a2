-- Ends jobs of a campaign that was canceled or is past its end, so many at a time. $1 campaign.
-- Run by outrider_worker.
select outrider.sweep_campaign($1::integer) as swept
