-- Shortens the waits of a rehearsal's messages that have no ladder. $1 channels, $2 their waits in seconds.
-- Run by owner.
update outrider.jobs j set wait_seconds = w.seconds
  from unnest($1::text[], $2::integer[]) as w (channel, seconds)
 where j.kind = 'send' and j.channel = w.channel
