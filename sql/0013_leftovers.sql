-- Figures of suppressions count people; a full disk is found by who asks.

-- Distinct pairs come in the order of the index `suppressions_in_force`, so nothing is sorted.
create or replace function outrider.tally_suppressions() returns boolean
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

-- A temporary table takes new pages of the disk, where a row of any other table may find room in an old one. It stands where
-- the database's own tables stand, whatever temp_tablespaces says. 1,000 characters are not compressed.
create function outrider.try_write() returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set temp_tablespaces = '' as $$
begin
    create temporary table outrider_try_write (filler text);
    insert into outrider_try_write select repeat('x', 1000) from generate_series(1, 200);
    drop table outrider_try_write;
    return true;
end $$;
comment on function outrider.try_write() is 'Writes some pages and drops them: fails as any write would when the disk is full.';
revoke all on function outrider.try_write() from public;
grant execute on function outrider.try_write() to outrider_worker, outrider_gateway, outrider_operator;
