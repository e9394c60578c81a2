-- Lets a database of a developer or a rehearsal send to every country: its providers are simulated.
-- Run by outrider_operator.
select outrider.set_anywhere(true, 'simulated providers') from outrider.contact_settings where not anywhere
