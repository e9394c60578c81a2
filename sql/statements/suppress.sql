-- Suppresses a job's recipient on some channels, whichever of them the job is at, but not where a suppression was lifted
-- after the news. A return to a group of mails holds back departures from that group alone.
--
-- A phone is closed to the tenants of the sender that wrote to it, mail to all: they share the provider's list of it.
--
-- $1 job, $2 channels, $3 reason, $4 source, $5 when the news is from, in microseconds (null: now), $6 attempt, $7 categories
-- (an empty one is each).
-- Run by outrider_worker.
insert into outrider.suppressions (tenant, address, channel, category, reason, source)
select t.tenant, p.address, c, k.category, $3, $4
  from outrider.jobs j
 cross join unnest($2::text[]) as c
 cross join unnest($7::text[]) as k (category)
 cross join lateral unnest(case when c = 'email' then array[''] else outrider.tenants_of_sender((
           select i.sender_id from outrider.events i
            where i.job_id = j.id and i.generation = $6::integer and i.kind = 'intent' and i.status = 'taken' offset 0)) end) as t (tenant)
 cross join lateral (select outrider.one_spelling(outrider.address_on(c, j.address, j.phone, j.email)) as address) p
 where j.id = $1::bigint and p.address is not null
   and not exists (select from outrider.suppressions s
                    where s.address = p.address and s.channel = c
                      and s.lifted_at > to_timestamp($5::bigint / 1e6) and s.tenant in ('', t.tenant) and s.category in ('', k.category)
                      and (not starts_with(s.reason, 'group_unsubscribe') or s.reason = $3) offset 0)
 order by p.address, c, t.tenant, k.category
on conflict do nothing
