-- Keeps those messages of a provider's list that are of our senders and that this database does not know: no answer, receipt
-- or listing told of them, and no send to that person waits for its answer.
--
-- $1 the provider's ids, $2 channels, $3 senders, $4 Messaging Services (null: none), $5 addresses, $6 texts or subjects (null:
-- not shown), $7 when they were taken, µs.
-- Run by outrider_worker.
with listed as materialized (
    select g.provider_id, g.channel, outrider.folded(g.address) as address, g.words, to_timestamp(g.at / 1000000.0) as at, s.address as sender
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
           as g (provider_id, channel, sender, service, address, words, at)
     cross join lateral (
           select address from outrider.senders
            where channel = g.channel and outrider.folded(address) in (outrider.folded(g.sender), outrider.folded(g.service))
            order by id limit 1) s
), open as materialized (
    select e.channel, outrider.address_on(e.channel, j.address, j.phone, j.email) as address
      from outrider.open_sends o
      join outrider.jobs j on j.id = o.job_id
      join outrider.events e on e.job_id = o.job_id and e.generation = o.generation and e.kind = 'intent'
)
insert into outrider.witnessed_messages (provider_id, channel, sender_address, address, text_key, sent_at)
select provider_id, channel, sender, address, outrider.letters(nullif(words, '')), at
  from listed l
 where not exists (select from outrider.events e
                    where hashtext(e.provider_id) = hashtext(l.provider_id) and e.provider_id = l.provider_id and e.kind <> 'receipt' offset 0)
   and not exists (select from outrider.adopted_sends a where a.provider_id = l.provider_id)
   and not exists (select from open o where o.channel = l.channel and o.address = l.address)
on conflict do nothing
