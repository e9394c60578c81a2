-- Which of the fleet's databases this is, why nothing may be sent from it (null: all is well), and how many jobs had lost
-- their due row and got it back.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select coalesce((select shard from outrider.installation), 0) as shard, outrider.displacement() as displacement,
       coalesce((select found from outrider.stray_walk), 0) as strays
