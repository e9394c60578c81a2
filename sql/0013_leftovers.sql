-- Figures of suppressions count people.

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
