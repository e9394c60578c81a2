-- Purges what other tables hold about an address. $1 address.
-- Run by outrider_operator.
select outrider.forget_elsewhere($1::text) is null as done
