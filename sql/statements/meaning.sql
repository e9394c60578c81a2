-- What a provider's code means. $1 provider, $2 code.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select class, meaning from outrider.error_codes where provider = $1 and code = $2
