-- Makes jobs of people that a load has read. $1 load, $2 holder; people: $3 rows, $4 keys, $5 phones, $6 emails, $7 locales,
-- $8 time zones, $9 values as JSON; rows that the reader has refused: $10 rows, $11 why.
-- Run by outrider_app, outrider_worker, outrider_operator.
select added, refused_lines, refused_problems, held_out
  from outrider.add_people($1::integer, $2::uuid, $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                           $10::bigint[], $11::text[])
