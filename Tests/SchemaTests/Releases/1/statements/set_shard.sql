-- Gives this database its number among several, and tells the number that it had.
--
-- $1 the number, 0 to 31.
-- Run by owner.
select shard as earlier, outrider.set_shard($1::integer) as shard from outrider.installation
