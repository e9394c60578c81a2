-- Takes the number that has waited longest for a look at the provider's list.
--
-- - A number that every gateway has covered all along is not listed. What the gateways could bring is known up to their
--   last heartbeats.
-- - When one of several gateways fails, that is a gap: a balancer goes on sending it its share for a while.
-- - Now and then a number is listed all the same. When the way from the provider to the gateways is closed, it looks to them
--   as if nobody wrote.
-- - A look that is put off by more than anybody puts one off, or a time in the future, says that the database's clock was
--   set back: the number is listed. While the clock ran ahead, lists began too late: the last day is listed again.
-- - When only the list can tell somebody's last word, the number is listed soon, until lists cannot be late.
--
-- $1 account, $2 seconds between looks, $3 seconds of the lease, $4 seconds a list begins earlier, $5 seconds after
-- which a gateway is gone, $6 seconds after which a covered number is listed all the same.
-- Run by outrider_worker.
with free as materialized (
    select c.account, c.channel, c.address from outrider.catch_ups c
     where c.account = $1
       and (c.look_at not between clock_timestamp() and clock_timestamp() + make_interval(secs => $2::double precision + 1800)
            or c.seen_until > clock_timestamp() + make_interval(secs => $4))
       and (c.channel, c.address) in (select channel, address from outrider.own_numbers)
     order by c.look_at limit 1 for update of c skip locked
), covering as materialized (
    select f.*, (select case when bool_and(g.beat_at > clock_timestamp() - make_interval(secs => $5)
                                           and g.beat_at < clock_timestamp() + make_interval(secs => $5)
                                           and g.up_since <= c.seen_until - make_interval(secs => $4)
                                           and c.seen_until <= clock_timestamp()
                                           and c.listed_until between clock_timestamp() - make_interval(secs => $6) and clock_timestamp()
                                           and c.listed_until >= coalesce(c.asked_at + interval '1 minute', c.listed_until)
                                           and c.pass_from is null) then min(g.beat_at) end
                   from outrider.gateways g
                  where g.beat_at > least(c.seen_until, clock_timestamp()) - make_interval(secs => $4)) as covered_until
      from free f join outrider.catch_ups c using (account, channel, address)
)
update outrider.catch_ups c
   set seen_until = case when c.seen_until > clock_timestamp() + make_interval(secs => $4) then clock_timestamp() - interval '1 day'
                         else greatest(least(c.seen_until, clock_timestamp()), v.covered_until) end,
       listed_until = least(c.listed_until, clock_timestamp()),
       look_at = clock_timestamp() + make_interval(secs => case when v.covered_until is null then $3 else $2 end::double precision),
       holder = case when v.covered_until is null then gen_random_uuid() end,
       pass_from = case when v.covered_until is null then least(c.pass_from, clock_timestamp()) end,
       next_page = case when c.pass_from <= clock_timestamp() then c.next_page end
  from covering v
 where (c.account, c.channel, c.address) = (v.account, v.channel, v.address)
returning c.channel, c.address, c.holder, c.next_page, c.failures, v.covered_until is not null as is_covered,
          (extract(epoch from least(c.seen_until, c.listed_until) - make_interval(secs => $4)) * 1000000)::bigint as since_us
