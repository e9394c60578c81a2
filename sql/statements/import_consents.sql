-- Takes in consents of a file. $1 addresses, $2 channels, $3 categories, $4 texts, $5 sources, $6 times, $7 tenants, $8 whether nothing is to be
-- written.
-- Run by outrider_operator.
select added, problem
  from outrider.import_consents($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean) order by n
