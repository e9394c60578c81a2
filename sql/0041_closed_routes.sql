-- Where a provider takes messages of a category and does not deliver them: no such message is sent, so none is paid for.
--
-- These are rows of contact: workers keep them as one value with the others. No table that is busy is locked.

set local lock_timeout = '5s';

create table outrider.closed_routes (
    channel  text not null,
    category text not null,
    country  text not null,
    reason   text not null,
    source   text not null default '',
    primary key (channel, category, country),
    constraint closed_route_channel_must_be_sms_voice_or_whatsapp check (channel in ('sms', 'voice', 'whatsapp')),
    constraint closed_route_category_must_be_a_category_of_jobs check (category in ('otp', 'alert', 'transactional', 'marketing')),
    constraint closed_route_country_must_be_a_calling_code_or_two_letters check (country collate "C" ~ '^([1-9][0-9]{0,2}|[A-Z]{2})$'),
    constraint closed_route_needs_a_reason check (btrim(reason) <> '')
);
comment on table outrider.closed_routes is 'Messages of a category that a channel does not bring to a country. The step is passed over.';
comment on column outrider.closed_routes.country is 'A calling code such as 48, or a country such as PL. 1 is North America and the Caribbean; US is the United States alone.';

insert into outrider.closed_routes (channel, category, country, reason, source) values
    ('whatsapp', 'marketing', '1', 'WhatsApp does not deliver marketing templates there', 'Meta, WhatsApp Business Platform, since 2025-04-01');

create trigger closed_routes_are_read_again after insert or update or delete or truncate on outrider.closed_routes
    for each statement execute function outrider.note_contact_change();

create function outrider.take_restored_route() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if exists (select from closed_routes r where r = new) then return null; end if;
    update closed_routes r set (reason, source) = (new.reason, new.source)
     where (r.channel, r.category, r.country) = (new.channel, new.category, new.country);
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_route() is 'Lets a route that is closed already come in again, such as from a dump of the rows alone: what comes in counts.';
create trigger a_restored_row before insert on outrider.closed_routes for each row execute function outrider.take_restored_route();
alter table outrider.closed_routes enable always trigger a_restored_row;

create function outrider.close_route(channel text, category text, country text, reason text, source text default 'an operator') returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    code constant text := outrider.country_code(close_route.country);
begin
    insert into closed_routes (channel, category, country, reason, source)
    values (close_route.channel, close_route.category, code, coalesce(close_route.reason, ''), coalesce(close_route.source, ''));
    perform outrider.note_contact_rule('route closed', code, close_route.reason,
                                       jsonb_build_object('channel', close_route.channel, 'category', close_route.category));
    return format('no %s message goes to %s by %s', close_route.category, code, close_route.channel);
end $$;
comment on function outrider.close_route(text, text, text, text, text) is 'Lets no message of a category go to a country by a channel. In force within 2 s.';

create function outrider.open_route(channel text, category text, country text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    code constant text := upper(ltrim(btrim(open_route.country), '+'));
begin
    delete from closed_routes r where (r.channel, r.category, r.country) = (open_route.channel, open_route.category, code);
    if not found then
        raise exception 'closed_route_must_exist: % to "%" by % is not closed', open_route.category, open_route.country, open_route.channel
            using errcode = 'no_data_found', constraint = 'closed_route_must_exist', hint = 'What is closed stands in outrider.closed_routes.';
    end if;
    perform outrider.note_contact_rule('route opened', code, open_route.reason,
                                       jsonb_build_object('channel', open_route.channel, 'category', open_route.category));
    return format('%s messages may go to %s by %s', open_route.category, code, open_route.channel);
end $$;
comment on function outrider.open_route(text, text, text, text) is 'Lets messages of a category go to a country by a channel again. In force within 2 s.';

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('skip', 'route_closed', 'the channel does not bring messages of this category to the country of the number',
     'use another channel; `select outrider.open_route(…)` lets it go, if that has changed');

revoke all on function outrider.take_restored_route(), outrider.close_route(text, text, text, text, text), outrider.open_route(text, text, text, text) from public;
grant execute on function outrider.close_route(text, text, text, text, text), outrider.open_route(text, text, text, text) to outrider_operator;
grant select on outrider.closed_routes to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
