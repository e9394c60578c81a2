-- Lets a rehearsal send at any hour, to the numbers of every country, and to those that no network gives out: its people are stand-ins, and its providers simulated.
-- Run by outrider_operator.
select outrider.set_anywhere(true, 'a rehearsal') as anywhere,
       (select count(outrider.lift_quiet_hours(name, 'a rehearsal')) from outrider.quiet_hours) as lifted,
       (select count(outrider.add_number_range(first::text, 'a rehearsal')) from generate_series(1, 9) first) as ranges
