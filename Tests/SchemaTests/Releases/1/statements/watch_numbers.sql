-- Notes the numbers that people can write to. A number is looked at from when it was added, but no further back than a day.
--
-- $1 account.
-- Run by outrider_worker.
insert into outrider.catch_ups (account, channel, address, seen_until, listed_until)
select $1, channel, address, since, since
  from (select channel, address, greatest(min(created_at), clock_timestamp() - interval '1 day') as since
          from outrider.own_numbers group by channel, address) w
 order by channel, address
on conflict do nothing
