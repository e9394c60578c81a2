-- A person says for a held job what nobody could know. $1 job id, $2 whether it was sent, $3 reason.
-- Run by outrider_operator.
select outrider.release_held($1::bigint, $2::boolean, $3) as result
