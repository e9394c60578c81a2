-- Whom not to contact and who agreed, in bulk: a page at a time out, a batch at a time in.

set local lock_timeout = '5s';

create function outrider.list_suppressions(after_id bigint default 0, at_most integer default 1000, of_address text default null, with_lifted boolean default false)
    returns table (id bigint, tenant text, category text, address text, channel text, reason text, source text, created_at timestamptz, lifted_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- The category by its name: where suppressions have none, each is of all.
    select s.id, s.tenant, coalesce(to_jsonb(s) ->> 'category', ''), s.address, s.channel, s.reason, s.source, s.created_at, s.lifted_at
      from suppressions s
     where s.id > after_id and (with_lifted or s.lifted_at is null) and (of_address is null or s.address = outrider.one_spelling(of_address))
     order by s.id limit least(at_most, 10000)
$$;
comment on function outrider.list_suppressions(bigint, integer, text, boolean) is
    'Suppressions, the oldest first, at most 10,000 after one of them: those in force, or with the lifted ones. An empty tenant or category is every one.';

create function outrider.list_consents(after_id bigint default 0, at_most integer default 1000, of_address text default null)
    returns table (id bigint, tenant text, address text, channel text, category text, text_shown text, source text, at timestamptz)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select c.id, c.tenant, c.address, c.channel, c.category, c.text_shown, c.source, c.at
      from consents c
     where c.id > after_id and (of_address is null or c.address = outrider.one_spelling(of_address))
     order by c.id limit least(at_most, 10000)
$$;
comment on function outrider.list_consents(bigint, integer, text) is 'Consents on record, the oldest first, at most 10,000 after one of them.';

create function outrider.import_suppressions(addresses text[], channels text[], reasons text[], tenants text[], categories text[], dry_run boolean default false)
    returns table (n integer, added integer, problem text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    counts integer[] := '{}';
    problems text[] := '{}';
    rule text;
begin
    begin
        for i in 1 .. cardinality(addresses) loop
            begin
                counts[i] := outrider.suppress(addresses[i], case when channels[i] is not null then array[channels[i]] end,
                                               coalesce(reasons[i], 'import'), coalesce(tenants[i], ''), coalesce(categories[i], ''));
            exception when invalid_parameter_value or check_violation or insufficient_privilege or not_null_violation then
                get stacked diagnostics rule = constraint_name;
                problems[i] := coalesce(nullif(rule, ''), split_part(sqlerrm, ':', 1));
            end;
        end loop;
        if dry_run then
            raise exception using errcode = 'OR001', message = 'it can be taken in';
        end if;
    exception when sqlstate 'OR001' then
        null;  -- What was counted stays, what was written does not.
    end;
    return query select i, coalesce(counts[i], 0), problems[i] from generate_series(1, cardinality(addresses)) i;
end $$;
comment on function outrider.import_suppressions(text[], text[], text[], text[], text[], boolean) is
    'Takes in rows of a file: how many suppressions each added, or the rule that it breaks. A dry run writes nothing.';

create function outrider.consent_row(address text, channel text, category text, text_shown text, source text, at timestamptz, tenant text) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- A file that is taken in twice says nothing new the second time.
    if exists (select from consents c
                where c.address = outrider.one_spelling(consent_row.address) and c.channel = consent_row.channel and c.category = consent_row.category
                  and c.tenant = consent_row.tenant and c.text_shown = consent_row.text_shown and c.source = consent_row.source
                  and c.at = coalesce(consent_row.at, c.at)) then
        return 0;
    end if;
    perform outrider.add_consent(address, channel, category, text_shown, source, at, tenant);
    return 1;
end $$;
comment on function outrider.consent_row(text, text, text, text, text, timestamptz, text) is 'Puts on record what a row of a file says, unless it is there already. Returns how many records were new.';

create function outrider.import_consents(addresses text[], channels text[], categories text[], texts text[], sources text[], times text[], tenants text[], dry_run boolean default false)
    returns table (n integer, added integer, problem text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    counts integer[] := '{}';
    problems text[] := '{}';
    rule text;
begin
    begin
        for i in 1 .. cardinality(addresses) loop
            begin
                counts[i] := outrider.consent_row(addresses[i], channels[i], categories[i], texts[i], sources[i], times[i]::timestamptz,
                                                  coalesce(tenants[i], outrider.current_tenant()));
            exception
            when invalid_datetime_format or datetime_field_overflow then
                problems[i] := 'at_must_be_a_time';
            when invalid_parameter_value or check_violation or insufficient_privilege or not_null_violation then
                get stacked diagnostics rule = constraint_name;
                problems[i] := coalesce(nullif(rule, ''), split_part(sqlerrm, ':', 1));
            end;
        end loop;
        if dry_run then
            raise exception using errcode = 'OR001', message = 'it can be taken in';
        end if;
    exception when sqlstate 'OR001' then
        null;  -- What was counted stays, what was written does not.
    end;
    return query select i, coalesce(counts[i], 0), problems[i] from generate_series(1, cardinality(addresses)) i;
end $$;
comment on function outrider.import_consents(text[], text[], text[], text[], text[], text[], text[], boolean) is
    'Takes in rows of a file: how many records each added, or the rule that it breaks. A dry run writes nothing.';

revoke all on function outrider.list_suppressions(bigint, integer, text, boolean), outrider.list_consents(bigint, integer, text),
    outrider.import_suppressions(text[], text[], text[], text[], text[], boolean),
    outrider.consent_row(text, text, text, text, text, timestamptz, text),
    outrider.import_consents(text[], text[], text[], text[], text[], text[], text[], boolean) from public;
grant execute on function outrider.list_suppressions(bigint, integer, text, boolean), outrider.list_consents(bigint, integer, text),
    outrider.import_suppressions(text[], text[], text[], text[], text[], boolean),
    outrider.import_consents(text[], text[], text[], text[], text[], text[], text[], boolean) to outrider_operator;
