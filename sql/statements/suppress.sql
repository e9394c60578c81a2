-- Suppresses a job's recipient on some channels, whichever of them the job is at, but not where a suppression was lifted
-- after the news. A return to a group of mails holds back departures from that group alone.
--
-- $1 job, $2 channels, $3 reason, $4 source, $5 when the news is from, in microseconds (null: now).
-- Run by outrider_worker.
insert into outrider.suppressions (address, channel, reason, source)
select p.address, c, $3, $4
  from outrider.jobs j
 cross join unnest($2::text[]) as c
 cross join lateral (select outrider.one_spelling(outrider.address_on(c, j.address, j.phone, j.email)) as address) p
 where j.id = $1::bigint and p.address is not null
   and not exists (select from outrider.suppressions s
                    where s.address = p.address and s.channel = c
                      and s.lifted_at > to_timestamp($5::bigint / 1e6)
                      and (not starts_with(s.reason, 'group_unsubscribe') or s.reason = $3) offset 0)
on conflict do nothing
