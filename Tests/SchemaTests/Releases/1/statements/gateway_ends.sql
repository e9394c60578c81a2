-- Says that this gateway does not serve any more. $1 id.
-- Run by outrider_gateway.
delete from outrider.gateways where id = $1
