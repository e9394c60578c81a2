-- Forgets that the recipients of jobs were dead: a message reached them. $1 jobs, $2 of each the channel.
-- Run by outrider_worker.
select outrider.note_alive($1::bigint[], $2::text[]) as revived
