-- Why a job was sent or was not, in one sentence. $1 id.
-- Run by outrider_app, outrider_gateway, outrider_operator.
select outrider.why($1::bigint) as why
