-- Keeps what was looked up of numbers. Said again it says the same.
--
-- $1 jobs, $2 of each the channel by which its number is known, $3 what was asked for: line_type or risk, $4 what was found (null:
-- nothing), $5 why nothing was.
-- Run by outrider_worker.
select outrider.note_lookups($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) as noted
