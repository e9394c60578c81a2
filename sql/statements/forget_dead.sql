-- Lets a number be tried again. $1 address, $2 channels, or null for all, $3 why.
-- Run by outrider_operator.
select outrider.forget_dead($1::text, $2::text[], $3) as count
