-- This database is older than what was sent from it: nothing more is sent until an operator adopts it. $1 the reason's word.
-- Run by outrider_worker.
select outrider.doubt_database($1) as is_doubted
