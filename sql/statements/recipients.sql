-- Whom a job is for. $1 id.
-- Run by outrider_gateway, outrider_operator.
select array_remove(array[address, phone, email], null) as addresses from outrider.jobs where id = $1::bigint
