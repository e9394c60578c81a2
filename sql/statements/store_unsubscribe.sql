-- Takes a person's word by the link in a mail: no more offers by e-mail from the tenant whose mail it was. Saying it again
-- adds nothing.
--
-- $1 tenant, $2 address, $3 what it came by.
-- Run by outrider_gateway.
insert into outrider.suppressions (tenant, address, channel, category, reason, source)
values ($1, outrider.one_spelling($2), 'email', 'marketing', 'unsubscribe', $3)
on conflict do nothing
