-- Whom the newest jobs are for, a page at a time: a hash is told by making it of each.
--
-- $1 below which id, $2 how many.
-- Run by outrider_gateway, outrider_operator.
select id, kind, category, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
       array_remove(array[address, phone, email], null) as addresses
  from outrider.jobs where id < $1::bigint order by id desc limit $2::integer
