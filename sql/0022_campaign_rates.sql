-- The rate of a campaign: how many of its messages are begun a second, over all workers and senders.
--
-- A window of a campaign is cut into shares. Whoever inserts the row of a share owns its messages. A take inserts as many as
-- it has messages for, and only while it owns the window of the sender's rate too: nobody keeps what he cannot send.
--
-- Of the tables that are busy, this migration locks campaigns alone.

set local lock_timeout = '5s';

alter table outrider.campaigns
    add column rate_per_second numeric,
    add constraint campaign_rate_must_be_0_001_to_10000 check (rate_per_second between 0.001 and 10000);
comment on column outrider.campaigns.rate_per_second is 'Messages begun a second over all workers, senders and channels, whatever their length; null is no limit of its own.';

create table outrider.campaign_rate_windows (
    campaign_id integer not null,
    slot        bigint not null,
    share       smallint not null,
    worker      text not null,
    taken_at    timestamptz not null default clock_timestamp(),
    primary key (campaign_id, slot, share)
);
comment on table outrider.campaign_rate_windows is 'One row per share of a window of a campaign''s rate that is taken: the worker that inserts it owns the share''s messages. Never updated.';
comment on column outrider.campaign_rate_windows.share is 'Counted from 0. A window has up to ten, which together hold what the rate allows.';

create function outrider.set_campaign_rate(
    name text, per_second numeric, reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(set_campaign_rate.name, set_campaign_rate.tenant);
    new_rate numeric := trim_scale(per_second);
begin
    if new_rate is not null and new_rate not between 0.001 and 10000 then
        raise exception 'campaign_rate_must_be_0_001_to_10000: per_second is %', left(new_rate::text, 40) using
            errcode = 'check_violation', constraint = 'campaign_rate_must_be_0_001_to_10000',
            hint = 'It is how many messages are begun a second at most; null lifts the limit. To stop the campaign, use outrider.pause_campaign().';
    end if;
    select * into campaign from campaigns c where c.id = campaign.id for no key update;
    if campaign.state in ('canceled', 'finished') then
        raise exception 'campaign_must_not_be_over: "%" is %', campaign.name, campaign.state using
            errcode = 'object_not_in_prerequisite_state', constraint = 'campaign_must_not_be_over',
            hint = 'A rate is for one that is a draft, runs or is paused. One that is finished runs again with the next job that names it.';
    end if;
    if campaign.rate_per_second is not distinct from new_rate then
        return case when new_rate is null then 'no limit of its own already' else format('at most %s a second already', new_rate) end;
    end if;
    update campaigns c set rate_per_second = new_rate where c.id = campaign.id;
    perform outrider.note_campaign(campaign.id, coalesce('rate set to ' || new_rate || ' a second', 'rate lifted'), set_campaign_rate.reason,
                                   jsonb_build_object('per_second', new_rate, 'before', trim_scale(campaign.rate_per_second)));
    perform pg_notify('outrider_due', '');
    return case when new_rate is null then 'no limit of its own: as fast as its senders may' else format('at most %s a second', new_rate) end;
end $$;
comment on function outrider.set_campaign_rate(text, numeric, text, text) is
    'Limits how many messages of a campaign are begun a second; null lifts the limit. In force with the next second.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on function outrider.set_campaign_rate(text, numeric, text, text) from public;
grant execute on function outrider.set_campaign_rate(text, numeric, text, text) to outrider_app, outrider_operator;
grant select, insert, delete on outrider.campaign_rate_windows to outrider_worker;
grant select on outrider.campaign_rate_windows to outrider_operator;
