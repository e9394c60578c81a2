-- Who lets a campaign go on says why, as who pauses it does.

set local lock_timeout = '5s';

-- In place of the one without a reason: of two, a call with two texts would name neither. Every call of before is one of this.
drop function outrider.resume_campaign(text, text);

create function outrider.resume_campaign(name text, tenant text default outrider.current_tenant(), reason text default null) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(resume_campaign.name, resume_campaign.tenant);
    spent text;
begin
    update campaigns c set state = 'running', paused_at = null, paused_reason = null where c.id = campaign.id and c.state = 'paused';
    if not found then
        if campaign.state in ('running', 'finished') then
            return 'running already';
        end if;
        raise exception 'campaign_must_be_paused: "%" is %', campaign.name, campaign.state using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_be_paused',
            hint = case campaign.state when 'draft' then 'Start it with outrider.start_campaign().' else 'What was canceled stays so.' end;
    end if;
    spent := outrider.budget_reason(campaign.id);
    if spent is not null then
        raise exception 'campaign_must_have_budget_left: of "%" %', campaign.name, split_part(spent, '. Raise it', 1) using errcode = 'object_not_in_prerequisite_state',
            constraint = 'campaign_must_have_budget_left', hint = 'Raise it with outrider.set_campaign_budget(), then resume it.';
    end if;
    perform outrider.forget_results(campaign.id);
    update campaign_limits l set is_short = false where l.campaign_id = campaign.id and l.is_short;
    perform outrider.note_campaign(campaign.id, 'resumed', resume_campaign.reason);
    perform pg_notify('outrider_due', '');
    return 'resumed';
end $$;
comment on function outrider.resume_campaign(text, text, text) is 'Lets a paused campaign go on where it stopped. One whose budget is reached is refused until it is raised.';

revoke all on function outrider.resume_campaign(text, text, text) from public;
grant execute on function outrider.resume_campaign(text, text, text) to outrider_app, outrider_operator;
