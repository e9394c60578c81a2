-- Decides what a sentence stops.
--
-- $1 its id, $2 all, marketing or nothing, $3 why.
-- Run by outrider_operator.
select outrider.settle_wish($1::bigint, $2, $3) as result
