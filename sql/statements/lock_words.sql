-- Makes words of one person wait for each other until the transaction ends. A START that is stored while a STOP is not
-- yet committed would lift what the STOP relies on. The rows are locked in one order, so that two batches never wait in a
-- circle. They are rows, and no advisory locks, because any login can hold one of those.
--
-- $1 addresses.
-- Run by outrider_gateway, outrider_worker.
select slot from outrider.word_locks
 where slot = any (array(select (hashtext(outrider.one_spelling(address)) & 1023)::smallint from unnest($1::text[]) address))
 order by slot for no key update
