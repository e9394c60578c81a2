-- Makes words of one person wait for each other until the transaction ends. A START that is stored while a STOP is not
-- yet committed would lift what the STOP relies on. The locks are taken in one order, so that two batches never wait in a circle.
--
-- $1 addresses.
-- Run by outrider_gateway, outrider_worker.
select pg_advisory_xact_lock(key) is null from (
    select distinct hashtextextended('outrider words of ' || address, 0) as key
      from unnest($1::text[]) address order by 1) k
