-- What stands against writing to people. $1 campaign; people: $2 keys, $3 phones, $4 emails, $5 locales, $6 time zones, $7 values as
-- JSON; $8 tenant.
-- Run by outrider_app, outrider_operator.
select problem, closed, consented, is_window_open, variant, is_held_out, country
  from outrider.preview_people($1::text, $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                               coalesce($8::text, outrider.current_tenant()))
