-- Gives jobs of a campaign their due rows, as long as not enough of it is due. $1 campaign.
-- Run by outrider_worker.
select outrider.feed_campaign($1::integer) as fed
