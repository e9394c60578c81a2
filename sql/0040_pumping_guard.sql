-- A guard against SMS pumping: when few one-time passwords to a block of numbers arrive, beside those to other numbers, the block gets
-- none for a while, and an operator is told.
--
-- It looks at what the caps of subject prefix and category otp have counted. It only records, until an operator says enforce.

set local lock_timeout = '5s';

create table outrider.pumping_guard (
    is_one           boolean primary key default true,
    mode             text not null default 'record_only',
    fewest           integer not null default 20,
    least_share      numeric not null default 0.3,
    patience_seconds integer not null default 180,
    stop_seconds     integer not null default 43200,
    constraint pumping_guard_is_one_row check (is_one),
    constraint pumping_guard_mode_must_be_off_record_only_or_enforce check (mode in ('off', 'record_only', 'enforce')),
    constraint pumping_guard_fewest_must_be_5_to_10000 check (fewest between 5 and 10000),
    constraint pumping_guard_share_must_be_above_0_below_1 check (least_share > 0 and least_share < 1),
    constraint pumping_guard_patience_must_be_10_to_3600_seconds check (patience_seconds between 10 and 3600),
    constraint pumping_guard_stop_must_be_1_minute_to_31_days check (stop_seconds between 60 and 2678400)
);
comment on table outrider.pumping_guard is 'One row: when a block of numbers counts as pumped, and what follows.';
comment on column outrider.pumping_guard.fewest is 'With fewer messages to a block, or elsewhere, nothing is judged.';
comment on column outrider.pumping_guard.least_share is 'A block is pumped when the share of its messages that arrived is less than this part of the share elsewhere.';
comment on column outrider.pumping_guard.patience_seconds is 'How old a message must be to be judged: its receipt has come by then.';
insert into outrider.pumping_guard default values;

create table outrider.prefix_stops (
    id              bigint generated always as identity primary key,
    prefix          text not null,
    at              timestamptz not null default clock_timestamp(),
    until           timestamptz not null,
    messages        integer not null,
    arrived         integer not null,
    share_elsewhere numeric not null,
    was_enforced    boolean not null,
    lifted_at       timestamptz,
    lifted_by       text
);
comment on table outrider.prefix_stops is 'Blocks of numbers that looked pumped: since when, until when, and what was seen. One that was only recorded stopped nothing.';
create index prefix_stops_until on outrider.prefix_stops (until);
create trigger prefix_stops_are_read_again after insert or update or delete or truncate on outrider.prefix_stops
    for each statement execute function outrider.note_contact_change();

create function outrider.take_restored_guard() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update pumping_guard g
       set (mode, fewest, least_share, patience_seconds, stop_seconds)
         = (new.mode, new.fewest, new.least_share, new.patience_seconds, new.stop_seconds);
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_guard() is 'Lets the row of the guard come in again, such as from a dump of the rows alone: what comes in counts.';
create trigger a_restored_row before insert on outrider.pumping_guard for each row execute function outrider.take_restored_guard();
alter table outrider.pumping_guard enable always trigger a_restored_row;

create function outrider.judge_prefixes() returns setof outrider.prefix_stops
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with seen as materialized (
        select distinct on (u.slot) u.slot as job_id, u.prefix
          from pumping_guard g cross join caps c
          join lateral (
               select x.slot, x.prefix from cap_uses x
                where x.cap_id = c.id and x.at > clock_timestamp() - make_interval(secs => c.span_seconds)
                  and x.at < clock_timestamp() - make_interval(secs => g.patience_seconds)
                order by x.at desc limit 20000) u on true
         where c.subject = 'prefix' and c.category = 'otp' and c.tenant is null and g.mode <> 'off'
           and u.prefix is not null
         order by u.slot
    ), blocks as materialized (
        select s.prefix, count(*)::integer as messages,
               count(*) filter (where exists (
                   select from events e where e.job_id = s.job_id and e.generation = 0 and e.kind || '' = 'outcome' and e.code = 'delivered' offset 0))::integer as arrived
          from seen s group by s.prefix
    ), judged as (
        select b.*, (sum(arrived) over () - arrived)::numeric / nullif(sum(messages) over () - messages, 0) as elsewhere,
               sum(messages) over () - messages as others
          from blocks b
    )
    insert into prefix_stops (prefix, until, messages, arrived, share_elsewhere, was_enforced)
    select ltrim(j.prefix, '+'), clock_timestamp() + make_interval(secs => g.stop_seconds), j.messages, j.arrived, round(j.elsewhere, 3), g.mode = 'enforce'
      from judged j cross join pumping_guard g
     where j.messages >= g.fewest and j.others >= g.fewest and j.elsewhere > 0
       and j.arrived < g.least_share * j.elsewhere * j.messages
       and not exists (select from prefix_stops p where p.prefix = ltrim(j.prefix, '+') and p.until > clock_timestamp()
                          and (p.was_enforced or g.mode <> 'enforce'))
     order by j.prefix limit 1000
    returning *
$$;
comment on function outrider.judge_prefixes() is
    'Stops blocks of numbers to which few one-time passwords arrive, for a while, and says which; or only records them.';

create function outrider.set_pumping_guard(
    mode text, reason text default null, fewest integer default null, least_share numeric default null,
    patience interval default null, stop interval default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update pumping_guard g
       set mode = set_pumping_guard.mode, fewest = coalesce(set_pumping_guard.fewest, g.fewest),
           least_share = coalesce(set_pumping_guard.least_share, g.least_share),
           patience_seconds = coalesce(extract(epoch from set_pumping_guard.patience)::integer, g.patience_seconds),
           stop_seconds = coalesce(extract(epoch from set_pumping_guard.stop)::integer, g.stop_seconds);
    perform outrider.note_contact_rule('pumping guard set', set_pumping_guard.mode, set_pumping_guard.reason);
    return 'pumping guard: ' || set_pumping_guard.mode;
end $$;
comment on function outrider.set_pumping_guard(text, text, integer, numeric, interval, interval) is
    'Says whether blocks of numbers that look pumped are stopped (enforce), only noted (record_only), or not looked at (off).';

create function outrider.lift_prefix_stop(prefix text, reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    digits constant text := regexp_replace(lift_prefix_stop.prefix, '[+ ()-]', '', 'g');
begin
    update prefix_stops p set until = clock_timestamp(), lifted_at = clock_timestamp(), lifted_by = coalesce(outrider.acting_person(), session_user)
     where p.prefix = digits and p.until > clock_timestamp();
    if not found then
        raise exception 'prefix_stop_must_exist: +% is not stopped', digits using errcode = 'no_data_found',
            constraint = 'prefix_stop_must_exist', hint = 'Those in force stand in outrider.prefix_stops, with until in the future.';
    end if;
    perform outrider.note_contact_rule('prefix stop lifted', digits, lift_prefix_stop.reason);
    return format('one-time passwords go to +%s again', digits);
end $$;
comment on function outrider.lift_prefix_stop(text, text) is 'Lets one-time passwords go to a block of numbers again. In force within 2 s.';

revoke all on function outrider.take_restored_guard(), outrider.judge_prefixes(), outrider.set_pumping_guard(text, text, integer, numeric, interval, interval),
    outrider.lift_prefix_stop(text, text) from public;
grant execute on function outrider.judge_prefixes() to outrider_worker;
grant execute on function outrider.set_pumping_guard(text, text, integer, numeric, interval, interval), outrider.lift_prefix_stop(text, text) to outrider_operator;
grant select on outrider.pumping_guard, outrider.prefix_stops to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
