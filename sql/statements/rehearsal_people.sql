-- What is known of the people of a rehearsal, under the addresses that stand for theirs. $1 tenant, $2 category; each with its
-- channel: $3 addresses and $4 channels of opt-outs from it, $5 addresses and $6 channels of consents; $7 numbers that wrote on WhatsApp.
-- Run by owner.
with opted_out as (
    insert into outrider.suppressions (tenant, address, channel, category, reason, source)
    select $1::text, u.address, u.channel, $2::text, 'rehearsed', 'rehearsal' from unnest($3::text[], $4::text[]) as u (address, channel)
), consented as (
    insert into outrider.consents (tenant, address, channel, category, text_shown, source)
    select $1::text, u.address, u.channel, $2::text, 'rehearsed', 'rehearsal' from unnest($5::text[], $6::text[]) as u (address, channel)
)
insert into outrider.whatsapp_windows (address, sender_address, last_inbound_at)
select u.address, s.address, clock_timestamp()
  from unnest($7::text[]) as u (address)
  join (select distinct address from outrider.senders where channel = 'whatsapp') s on true
