-- What ends of campaigns is counted with the event that says so. Of the tables that are busy, this migration locks events alone.

set local lock_timeout = '5s';

create function outrider.count_outcomes() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    -- Rows of a dump are older than the statement that brings them, and are counted in the counts that came with them.
    insert into campaign_deltas (campaign_id, wave, variant, country, channel, outcome, class, ended)
    select c.id, j.wave, coalesce(j.variant, ''), outrider.calling_code(coalesce(j.address, j.phone)), coalesce(e.channel, ''),
           coalesce(e.code, e.status), coalesce(f.class, ''), count(*)
      from new_events e
     cross join lateral (
           select tenant, campaign, wave, variant, address, phone from jobs where id = e.job_id and campaign is not null offset 0) j
      join campaigns c on c.tenant = j.tenant and c.name = j.campaign
      left join lateral (
           select class from events where job_id = e.job_id and class is not null and e.code not in ('delivered', 'canceled')
            order by generation desc, at desc limit 1) f on true
     where e.kind = 'outcome' and e.at >= statement_timestamp() - interval '1 second'
     group by 1, 2, 3, 4, 5, 6, 7;
    return null;
end $$;
comment on function outrider.count_outcomes() is 'Counts what ends of campaigns, by whatever door it came. Once per statement.';
create trigger events_are_counted after insert on outrider.events
    referencing new table as new_events for each statement execute function outrider.count_outcomes();

revoke all on function outrider.count_outcomes() from public;
