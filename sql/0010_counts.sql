-- Figures that are true and quick however much there is, and what stops sending, where all can see it.
--
-- Nothing here is on the way of a message: a worker tallies once a minute what has ended, and reports what it meets.

-- ---------------------------------------------------------------------------------------------------------------
-- Tallies: what is too much to count each time somebody looks.

create table outrider.outcome_tallies (
    until   timestamptz not null,
    outcome text not null,
    channel text not null,
    count   bigint not null,
    primary key (until, outcome, channel)
);
comment on table outrider.outcome_tallies is 'How many jobs ended, by outcome and last channel: from the tally before, until the time of this one. Rows of a day.';

create table outrider.suppression_tallies (
    channel    text primary key,
    count      bigint not null,
    counted_at timestamptz not null default clock_timestamp()
);
comment on table outrider.suppression_tallies is 'How many addresses were suppressed on each channel when they were counted last: shown where there are too many to count at a look.';

create table outrider.tallying (
    is_the_only_row boolean primary key default true,
    outcomes_until  timestamptz not null,
    held_from       timestamptz not null default '-infinity',
    watched_until   timestamptz not null,
    watched_before  xid8,
    constraint tallying_is_one_row check (is_the_only_row)
);
comment on table outrider.tallying is 'How far the tallies are. One row; who tallies locks it.';
comment on column outrider.tallying.outcomes_until is 'Jobs that ended until then are in outcome_tallies, those of the last day; later ones are counted at each look.';
comment on column outrider.tallying.held_from is 'Every job that was held before then has been released or has ended.';
comment on column outrider.tallying.watched_until is 'The next time to tally until, once every transaction that ran then has ended.';
comment on column outrider.tallying.watched_before is 'Transactions from this one on began later than watched_until.';
insert into outrider.tallying (outcomes_until, watched_until)
values (clock_timestamp() - interval '24 hours', clock_timestamp() - interval '24 hours');
-- This row stays when the rows of a dump come in; what it counts is found again.
create trigger a_restored_row before insert on outrider.tallying for each row execute function outrider.take_restored_row();
alter table outrider.tallying enable always trigger a_restored_row;

create function outrider.tally(at_most integer default 100000) returns boolean
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare
    present constant timestamptz := clock_timestamp();
    mark tallying;
    upto timestamptz;
begin
    select * into mark from tallying for update skip locked;
    if not found then
        return false;  -- Another worker is at it.
    end if;
    if mark.outcomes_until > present then
        -- The database's clock went back: what is tallied for times to come is counted again.
        delete from outcome_tallies where until > present - interval '1 minute';
        update tallying set outcomes_until = coalesce((select max(until) from outcome_tallies), present - interval '24 hours'),
                            held_from = least(held_from, present - interval '24 hours'), watched_before = null;
        return true;
    end if;
    if mark.watched_before is null or mark.watched_before > pg_snapshot_xmin(pg_current_snapshot()) then
        -- An event's time is a moment older than its transaction's number may be: hence the second.
        update tallying set watched_until = present - interval '1 second', watched_before = pg_snapshot_xmax(pg_current_snapshot())
         where watched_before is null;
        return false;
    end if;
    mark.outcomes_until := greatest(mark.outcomes_until, present - interval '25 hours');
    upto := greatest(mark.outcomes_until, least(mark.watched_until, (
        select at from events where kind = 'outcome' and at > mark.outcomes_until order by at offset at_most limit 1)));
    insert into outcome_tallies (until, outcome, channel, count)
    select upto, coalesce(code, status), coalesce(channel, ''), count(*)
      from events where kind = 'outcome' and at > mark.outcomes_until and at <= upto
     group by 2, 3
    on conflict (until, outcome, channel) do nothing;
    delete from outcome_tallies where until < present - interval '25 hours';
    update tallying
       set outcomes_until = upto,
           watched_before = case when upto < mark.watched_until then watched_before end,
           held_from = least(upto, outrider.first_held(held_from, at_most));
    return upto < mark.watched_until;
end $$;
comment on function outrider.tally(integer) is
    'Takes what has ended into the tallies, at most so many rows, and says whether there is more. A time is tallied once every transaction that ran then has ended, so no late commit is missed.';

create function outrider.first_held(since timestamptz, at_most integer) returns timestamptz
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- The first of the held that still waits; else where this look ended, for the next one to go on.
    select coalesce(min(at) filter (where waits) - interval '1 microsecond',
                    case when count(*) < at_most then 'infinity' else max(at) - interval '1 microsecond' end)
      from (select h.at, not exists (select from events r where r.job_id = h.job_id and r.generation = h.generation
                                        and r.kind = 'released' offset 0)
                         and not exists (select from events o where o.job_id = h.job_id and o.generation = 0
                                            and o.kind || '' = 'outcome' offset 0) as waits
              from events h where h.kind = 'held' and h.at > since order by h.at limit at_most) w
$$;
comment on function outrider.first_held(timestamptz, integer) is 'A time before which no held job waits for a person any more, from a time of which the same is known.';

-- Distinct pairs come in the order of the index `suppressions_in_force`, so nothing is sorted.
create function outrider.tally_suppressions() returns boolean
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    channels text[];
    counts bigint[];
begin
    if exists (select from suppression_tallies where counted_at > clock_timestamp() - interval '10 minutes') then
        return false;
    end if;
    -- Read before anything is locked: while it reads, it holds no transaction id that no floor could rise above.
    select array_agg(channel), array_agg(n) into channels, counts
      from (select channel, count(*) as n from (select distinct address, channel from suppressions where lifted_at is null) p
             group by channel) s;
    perform from tallying for update skip locked;
    if not found or exists (select from suppression_tallies where counted_at > clock_timestamp() - interval '10 minutes') then
        return false;
    end if;
    insert into suppression_tallies (channel, count)
    select c, coalesce(counts[array_position(channels, c)], 0) from unnest(array['sms', 'voice', 'whatsapp', 'email']) c
    on conflict (channel) do update set count = excluded.count, counted_at = clock_timestamp();
    return true;
end $$;
comment on function outrider.tally_suppressions() is 'Counts the addresses that are suppressed, each once for however many reasons, unless that was done in the last ten minutes. Reads all suppressions in force.';

-- ---------------------------------------------------------------------------------------------------------------
-- Troubles: what a process meets that the tables do not show.

create table outrider.troubles (
    process text not null,
    cause   text not null,
    scope   text not null,
    detail  text not null,
    since   timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    primary key (process, cause, scope),
    constraint trouble_words_must_be_short check (length(process) <= 300 and length(cause) <= 63 and length(scope) <= 200 and length(detail) <= 1000)
);
comment on table outrider.troubles is 'What keeps a worker from sending, as it meets it: a provider that cannot be reached, a certificate that is not trusted. It says so every few seconds while it lasts.';

alter table outrider.senders add column paused_since timestamptz;
comment on column outrider.senders.paused_since is 'Since when it has been refused: pauses that follow each other at once are one.';

create function outrider.note_pause() returns trigger
    language plpgsql set search_path = pg_catalog, outrider, pg_temp as $$
begin
    new.paused_since := case
        when new.paused_until is null then null
        when new.paused_until <= clock_timestamp() then old.paused_since
        when old.paused_until > clock_timestamp() - interval '1 minute' then coalesce(old.paused_since, clock_timestamp())
        else clock_timestamp() end;
    return new;
end $$;
comment on function outrider.note_pause() is 'Keeps senders.paused_since, whoever pauses.';
create trigger note_pause before update of paused_until on outrider.senders for each row execute function outrider.note_pause();

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on function outrider.tally(integer), outrider.tally_suppressions(), outrider.first_held(timestamptz, integer),
    outrider.note_pause() from public;
revoke all on outrider.outcome_tallies, outrider.suppression_tallies, outrider.tallying, outrider.troubles from public;
grant execute on function outrider.tally(integer), outrider.tally_suppressions() to outrider_worker;
grant select on outrider.outcome_tallies, outrider.suppression_tallies, outrider.tallying, outrider.troubles
    to outrider_worker, outrider_gateway, outrider_operator;
grant insert, update, delete on outrider.troubles to outrider_worker;
