-- What a schedule makes its campaigns or jobs of: it has texts and addresses, so no page shows it. $1 schedule.
-- Run by outrider_app, outrider_operator.
select definition::text as definition from outrider.schedule_status where id = $1::integer
