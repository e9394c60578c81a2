-- Allows contact with an address again. $1 address, $2 channels, or null for all, $3 why.
-- Run by outrider_operator.
select outrider.lift_suppression($1::text, $2::text[], $3) as count
