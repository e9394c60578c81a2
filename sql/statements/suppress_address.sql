-- Stops contact with an address. $1 address, $2 channels, or null for all that reach it, $3 reason.
-- Run by outrider_operator.
select outrider.suppress($1::text, $2::text[], $3::text) as count
