-- The texts of campaign.sql, written once, by an operator.
insert into outrider.templates (name, channel, locale, body) values
    ('spring-offer', 'sms', '',   'Hello {{name}}, spring is here: 20 % off until Sunday. Reply STOP to opt out.'),
    ('spring-offer', 'sms', 'de', 'Hallo {{name}}, es ist Frühling: 20 % Rabatt bis Sonntag. STOP beendet.');
