-- Takes in suppressions of a file. $1 addresses, $2 channels, $3 reasons, $4 tenants, $5 categories, $6 whether nothing is to be written.
-- Run by outrider_operator.
select added, problem from outrider.import_suppressions($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean) order by n
