-- What other tables hold about an address, and what an erasure does about it. $1 address.
-- Run by outrider_operator.
select place, fate, count from outrider.held_elsewhere($1::text)
