-- Says that this gateway serves. After a gap it counts as new. Gateways that have been gone for a day are forgotten.
--
-- $1 id, $2 seconds of silence that make a gap.
-- Run by outrider_gateway.
with gone as (
    delete from outrider.gateways
     where id in (select id from outrider.gateways
                   where id <> $1 and beat_at < clock_timestamp() - interval '1 day' for update skip locked)
)
insert into outrider.gateways as g (id) values ($1)
on conflict (id) do update
   set beat_at = clock_timestamp(),
       up_since = case when g.beat_at < clock_timestamp() - make_interval(secs => $2) then clock_timestamp()
                       else g.up_since end
