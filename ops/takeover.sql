-- Logins, senders, templates and ladders of ops/takeover. Variable: rate, of each sender, a second.
create role takeover_application login in role outrider_app;
create role takeover_worker login in role outrider_worker;
create role takeover_gateway login in role outrider_gateway;

insert into outrider.senders (name, channel, address, rate_per_second) values
    ('text', 'sms', '+15005550006', :rate), ('call', 'voice', '+15005550016', :rate),
    ('whatsapp', 'whatsapp', '+15005550026', :rate), ('mail', 'email', 'desk@outrider.example', :rate);
insert into outrider.templates (name, channel, body, subject, content_sid, content_variables) values
    ('note', 'sms', 'Note {{number}}', null, null, '{}'), ('note', 'voice', 'Note {{number}}', null, null, '{}'),
    ('note', 'email', 'Note {{number}}', 'Note {{number}}', null, '{}'),
    ('note', 'whatsapp', null, null, 'HX00000000000000000000000000000001', '{number}');

-- Every step says what happens to a send that nobody can account for, so that no job waits for a person.
select outrider.save_ladder('repeating', '[
    {"channel": "sms", "wait_seconds": 10, "on_unknown": "resend"}, {"channel": "voice", "wait_seconds": 20, "on_unknown": "resend"},
    {"channel": "email", "wait_seconds": 20, "on_unknown": "resend"}]') as version \gset
select outrider.save_ladder('careful', '[
    {"channel": "whatsapp", "wait_seconds": 10, "on_unknown": "next"}, {"channel": "sms", "wait_seconds": 10, "on_unknown": "next"},
    {"channel": "email", "wait_seconds": 20, "on_unknown": "end"}]') as version \gset
