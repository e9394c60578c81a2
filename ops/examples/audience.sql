-- A stand-in for an application's own table, so that campaign.sql can be tried: three people, two of whom want offers.
-- Run it as the database's owner.
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
insert into shop.people (id, name, phone, email, locale, time_zone, wants_offers) values
    (1, 'Ann', '+15005550010', 'ann@example.com', 'en', 'America/New_York', true),
    (2, 'Ben', '+15000000002', 'ben@example.com', 'de', 'Europe/Berlin', true),
    (3, 'Cem', '+15000000003', null, 'en', 'Asia/Tokyo', false);

-- Whoever asks must also be able to read whom to ask for. Your own application owns its tables, and needs no such grant.
grant usage on schema shop to outrider_app, outrider_operator;
grant select on shop.people to outrider_app, outrider_operator;

-- The audience of a campaign: a key, an address, and what fills the template. Workers read it. An application names a table or
-- a materialized view: before each load `refresh materialized view shop.offer_audience`.
create materialized view shop.offer_audience as
select id as key, phone, name, locale, time_zone from shop.people where wants_offers and phone is not null;
grant usage on schema shop to outrider_worker;
grant select on shop.offer_audience to outrider_worker, outrider_app, outrider_operator;
