-- Keeps sentences that ask for no more messages, each once, for an operator to decide. Until then they stop marketing.
--
-- $1 the provider's ids, $2 channels, $3 from addresses, $4 to addresses, $5 texts.
-- Run by outrider_gateway, outrider_worker.
with given as materialized (
    select provider_id, channel, outrider.one_spelling(from_address) as address, to_address, text
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as g (provider_id, channel, from_address, to_address, text)
), kept as (
    insert into outrider.opt_out_wishes (provider_id, channel, address, to_address, text)
    select distinct on (provider_id) provider_id, channel, address, to_address, text from given order by provider_id
    on conflict (provider_id) do nothing returning provider_id, address, to_address
)
insert into outrider.suppressions (tenant, address, channel, category, reason, source)
select t.tenant, k.address, c.channel, 'marketing', 'stop', 'sentence ' || min(k.provider_id)
  from kept k cross join unnest(outrider.phone_channels()) as c (channel)
 cross join lateral unnest(outrider.tenants_of_number(k.to_address)) as t (tenant)
 group by 1, 2, 3 order by 1, 2, 3
on conflict do nothing
