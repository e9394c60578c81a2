-- What other tables hold about an address, each row as JSON. $1 address.
-- Run by outrider_operator.
select place, record from outrider.export_elsewhere($1::text)
