-- Allows contact with an address again. $1 address, $2 channels, or null for all.
-- Run by outrider_operator.
select outrider.lift_suppression($1::text, coalesce($2::text[], outrider.phone_channels() || 'email'::text)) as count
