-- Remembers of the recipients of jobs on which channels a provider called them dead. Said again it says the same.
--
-- $1 jobs, $2 of each the channels, such as {sms,whatsapp}, $3 codes, $4 classes.
-- Run by outrider_worker.
select outrider.note_dead($1::bigint[], $2::text[], $3::text[], $4::text[]) as noted
