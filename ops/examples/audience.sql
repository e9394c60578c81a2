-- A stand-in for an application's own table, so that campaign.sql can be tried: three people, two of whom want offers.
create schema shop;
create table shop.people (
    id          bigint primary key,
    name        text not null,
    phone       text,
    email       text,
    locale      text not null default 'en',
    time_zone   text not null default 'UTC',
    wants_offers boolean not null default false
);
insert into shop.people (id, name, phone, email, locale, wants_offers) values
    (1, 'Ann', '+15005550010', 'ann@example.com', 'en', true),
    (2, 'Ben', '+15001000002', 'ben@example.com', 'de', true),
    (3, 'Cem', '+15001000003', null, 'en', false);
