-- Adds one sender for each channel to a development database that has none.
-- Run by outrider_operator.
insert into outrider.senders (name, channel, address, display_name, rate_per_second)
select 'dev-' || channel, channel, address, 'Outrider', 50
  from (values ('sms', '+15005550006'), ('voice', '+15005550006'), ('whatsapp', '+15005550006'),
               ('email', 'outrider@example.com')) as s (channel, address)
 where not exists (select from outrider.senders)
