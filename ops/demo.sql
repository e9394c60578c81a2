-- What an installation has before its first message, and the demo's recipients in a staging table.
-- psql -f ops/demo.sql < ops/demo.csv

-- A login for each part, with no more than its role.
create role demo_application login in role outrider_app;
create role demo_worker login in role outrider_worker;
create role demo_gateway login in role outrider_gateway;
create role demo_operator login in role outrider_operator;

insert into outrider.senders (name, channel, address, display_name, rate_per_second) values
    ('demo text', 'sms', '+15005550006', null, 40),
    ('demo call', 'voice', '+15005550016', null, 15),
    ('demo whatsapp', 'whatsapp', '+15005550026', null, 40),
    ('demo mail', 'email', 'desk@outrider.example', 'Example Desk', 100);

insert into outrider.templates (name, channel, locale, body, subject, html, content_sid, content_variables, dynamic_template) values
    ('outage', 'sms', '', 'Hello {{name}}: site {{site}} is down. Please call the desk.', null, null, null, '{}', null),
    ('outage', 'voice', '', 'Hello {{name}}. Site {{site}} is down. Please call the desk.', null, null, null, '{}', null),
    ('outage', 'email', '', E'Hello {{name}},\n\na site is down. Please call the desk.', 'A site is down',
        '<p>Hello {{name}},</p><p>a site is <strong>down</strong>. Please call the desk.</p>', null, '{}', null),
    ('appointment', 'sms', '', 'Hello {{name}}, see you tomorrow at {{time}}.', null, null, null, '{}', null),
    ('appointment', 'sms', 'pl', 'Dzień dobry {{name}}, do zobaczenia jutro o {{time}}.', null, null, null, '{}', null),
    ('appointment', 'voice', '', 'Hello {{name}}. See you tomorrow at {{time}}.', null, null, null, '{}', null),
    ('appointment', 'voice', 'pl', 'Dzień dobry {{name}}. Do zobaczenia jutro o {{time}}.', null, null, null, '{}', null),
    ('appointment', 'whatsapp', '', 'Hello {{name}}, see you tomorrow at {{time}}.', null, null,
        'HX00000000000000000000000000000001', '{name,time}', null),
    ('appointment', 'email', '', 'Hello {{name}}, see you tomorrow at {{time}}.', 'Tomorrow at {{time}}', null, null, '{}', null),
    ('letter', 'email', '', 'Hello {{name}}, the letter of this year is here.', 'The letter of this year', null, null, '{}', null),
    ('invoice', 'email', '', null, null, null, null, '{}', 'd-00000000000000000000000000000001');

-- As standard, with waits for a demo in which a telephone rings for nobody.
select outrider.save_ladder('demo_quick',
    '[{"channel": "sms", "wait_seconds": 10}, {"channel": "voice", "wait_seconds": 15}, {"channel": "email", "wait_seconds": 60}]',
    'A text, a short call, an e-mail.') as version \gset

create schema demo;
create table demo.recipients (
    line             integer generated always as identity primary key,
    name             text not null,
    kind             text not null,
    channel          text,
    address          text,
    ladder           text,
    phone            text,
    email            text,
    category         text not null,
    template         text,
    body             text,
    subject          text,
    data             jsonb,
    locale           text,
    wait_seconds     integer,
    media_url        text,
    setup            text,
    expected_outcome text not null,
    expected_channel text,
    why              text not null
);
grant usage on schema demo to public;
grant select on demo.recipients to public;
\copy demo.recipients (name, kind, channel, address, ladder, phone, email, category, template, body, subject, data, locale, wait_seconds, media_url, setup, expected_outcome, expected_channel, why) from pstdin with (format csv, header match)
