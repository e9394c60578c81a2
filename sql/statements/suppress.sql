-- Suppresses an address on some channels, but not where a suppression was lifted after the news.
--
-- $1 address, $2 channels, $3 reason, $4 source, $5 when the news is from, in microseconds (null: now).
-- Run by outrider_worker.
insert into outrider.suppressions (address, channel, reason, source)
select $1, c, $3, $4 from unnest($2::text[]) as c
 where not exists (select from outrider.suppressions s
                    where s.address = $1 and s.channel = c
                      and s.lifted_at > to_timestamp($5::bigint / 1e6) offset 0)
on conflict do nothing
