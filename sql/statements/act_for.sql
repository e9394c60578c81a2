-- Says for whom a transaction acts, and by which click. False: that has been done. $1 the person, or null, $2 the click.
-- Run by outrider_operator.
select outrider.act_for($1::text, $2::text) as is_new
