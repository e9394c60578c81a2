-- What an address wrote, among a part of all messages. $1 address, $2 after this message, $3 how many messages are looked at.
-- Run by outrider_operator.
select ids, words, until from outrider.inbound_of_address($1::text, $2::text, $3::integer)
