-- Numbers that cannot exist get no paid message: workers know the plans of telephone numbers. Ranges that are newer than those
-- plans are rows, which operators add.
--
-- These are rows of contact: workers keep them as one value with the others. No table that is busy is locked.

set local lock_timeout = '5s';

create table outrider.number_ranges (
    prefix text primary key,
    reason text not null,
    source text not null default '',
    constraint number_range_must_be_1_to_15_digits check (prefix collate "C" ~ '^[1-9][0-9]{0,14}$'),
    constraint number_range_needs_a_reason check (btrim(reason) <> '')
);
comment on table outrider.number_ranges is 'Numbers that begin so count as numbers, whatever the plans that a worker knows say of them.';
comment on column outrider.number_ranges.prefix is 'Digits, the calling code first, without a plus.';

create trigger number_ranges_are_read_again after insert or update or delete or truncate on outrider.number_ranges
    for each statement execute function outrider.note_contact_change();

create function outrider.add_number_range(prefix text, reason text, source text default 'an operator') returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    digits constant text := regexp_replace(add_number_range.prefix, '[+ ()-]', '', 'g');
begin
    insert into number_ranges as r (prefix, reason, source) values (digits, coalesce(add_number_range.reason, ''), coalesce(add_number_range.source, ''))
    on conflict on constraint number_ranges_pkey do update set reason = excluded.reason, source = excluded.source;
    perform outrider.note_contact_rule('number range added', digits, add_number_range.reason);
    return format('numbers that begin with +%s count as numbers, whatever their length', digits);
end $$;
comment on function outrider.add_number_range(text, text, text) is 'Lets messages go to numbers that begin so, although the plan of their country does not know them. In force within 2 s.';

create function outrider.drop_number_range(prefix text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    digits constant text := regexp_replace(drop_number_range.prefix, '[+ ()-]', '', 'g');
begin
    delete from number_ranges r where r.prefix = digits;
    if not found then
        raise exception 'number_range_must_exist: "%" was not added as such', drop_number_range.prefix using errcode = 'no_data_found',
            constraint = 'number_range_must_exist', hint = 'Those that were added stand in outrider.number_ranges.';
    end if;
    perform outrider.note_contact_rule('number range dropped', digits, drop_number_range.reason);
    return format('of +%s the plan of its country counts again', digits);
end $$;
comment on function outrider.drop_number_range(text, text) is 'Takes a range away that was added. In force within 2 s.';

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('skip', 'invalid_number', 'no such number exists',
     'correct the number; if its range is new, `select outrider.add_number_range(…)` adds it; if Lookup said so, `select outrider.forget_lookup(…)` asks again');

revoke all on function outrider.add_number_range(text, text, text), outrider.drop_number_range(text, text) from public;
grant execute on function outrider.add_number_range(text, text, text), outrider.drop_number_range(text, text) to outrider_operator;
grant select on outrider.number_ranges to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
