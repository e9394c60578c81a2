-- Sentences that ask for no more messages and that nobody has decided, the oldest first.
--
-- $1 the most of them.
-- Run by outrider_gateway, outrider_operator.
select w.id, w.channel, w.address, w.to_address, coalesce(w.text, '') as text,
       array_to_string(outrider.tenants_of_number(w.to_address), ', ') as tenants,
       to_char(w.asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as asked_at
  from outrider.opt_out_wishes w
 where w.settled_at is null
 order by w.asked_at, w.id limit $1::integer
