-- Keeps who had the data of an address purged or handed out. $1 what, $2 address, $3 reason, $4 counts, as JSON.
-- Run by outrider_operator.
select outrider.note_privacy($1::text, $2::text, $3::text, $4::text::jsonb) is null as done
