-- Keeps what was looked up of numbers. Said again it says the same.
--
-- $1 numbers, $2 of each what was asked for: line_type or risk, $3 what was found (null: nothing), $4 why nothing was.
-- Run by outrider_worker.
select outrider.note_lookups($1::text[], $2::text[], $3::text[], $4::text[]) as noted
