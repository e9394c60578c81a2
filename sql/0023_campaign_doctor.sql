-- Whether the counts of campaigns are right, for outrider doctor.
--
-- The column of loads is for 0027. It stands here because whoever loads or starts a campaign locks several tables, one after another: a
-- migration that locks two of them may wait for one who waits for it.

set local lock_timeout = '5s';

alter table outrider.campaign_loads add column held_out bigint not null default 0;
comment on column outrider.campaign_loads.held_out is 'People of the holdout: they have no job, and are not loaded again.';

create function outrider.miscounted_campaigns(at_most bigint default 200000)
    returns table (tenant text, name text, what text, counted bigint, found bigint)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    left_over bigint := at_most;
    campaign record;
begin
    -- The newest first. A count that is wrong stays wrong, so a campaign that ended long ago was looked at when it was new.
    for campaign in
        select c.id, c.tenant, c.name, (select coalesce(sum(r.count), 0)::bigint from campaign_ranges r where r.campaign_id = c.id) as people
          from campaigns c where c.ended_at is null or c.ended_at > clock_timestamp() - interval '7 days' order by c.id desc limit 1000
    loop
        continue when campaign.people = 0;
        if campaign.people > left_over then
            return query select campaign.tenant, campaign.name, 'not looked at', 0::bigint, campaign.people;
        else
            left_over := left_over - campaign.people;
            return query select campaign.tenant, campaign.name, k.what, k.counted, k.found
                           from outrider.check_campaign_counts(campaign.name, campaign.tenant) k where k.counted <> k.found;
        end if;
    end loop;
end $$;
comment on function outrider.miscounted_campaigns(bigint) is
    'Campaigns of which a count is not what their jobs and events say, and those that have too many people to be looked at by the way: of all together at most so many are read.';

revoke all on function outrider.miscounted_campaigns(bigint) from public;
grant execute on function outrider.miscounted_campaigns(bigint) to outrider_worker, outrider_operator;
