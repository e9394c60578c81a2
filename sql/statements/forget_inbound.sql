-- Takes out who wrote these messages. $1 their ids.
-- Run by outrider_operator.
select outrider.forget_inbound($1::text[]) as count
