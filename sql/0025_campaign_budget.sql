-- What campaigns cost, and how much of it is too much.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- What a text costs of a sender's rate and of a budget, as far as that is known before it is rendered. A template is filled with the
-- person's data here: without, a text of three segments would count as one.

create function outrider.text_cost(body text, data jsonb) returns smallint
    language plpgsql immutable parallel safe set search_path = pg_catalog, outrider, pg_temp as $$
declare
    tag text[];
    filled text := body;
begin
    if strpos(body, '{{') > 0 then
        for tag in select regexp_matches(body, '(\{\{[{&]?\s*([^{}\s#^/!>=&]+)\s*\}?\}\})', 'g') loop
            filled := replace(filled, tag[1], coalesce(data #>> string_to_array(tag[2], '.'), ''));
        end loop;
    end if;
    return least(outrider.segments(filled), 100);
end $$;
comment on function outrider.text_cost(text, jsonb) is 'SMS segments of a template filled with this data, 100 at most. Sections count as they stand there; the worker counts again after rendering.';

create function outrider.template_text(for_tenant text, template_name text, for_locale text) returns text
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select m.body from templates m
     where m.name = template_name and m.channel = 'sms' and m.tenant in ('', for_tenant)
       and m.locale in ('', split_part(for_locale, '-', 1), for_locale)
     order by m.tenant desc, length(m.locale) desc limit 1
$$;
comment on function outrider.template_text(text, text, text) is 'The template that a text message in this language is made of.';

create or replace function outrider.send_cost(job_id bigint) returns smallint
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select case when template is null then least(outrider.segments(body), 100)::smallint
                else outrider.text_cost(outrider.template_text(tenant, template, locale), data) end
      from jobs where id = send_cost.job_id
$$;

create function outrider.first_sends(ids bigint[])
    returns table (n bigint, id bigint, tenant text, priority integer, ladder_id integer, channel text, address text, run_at timestamptz, cost smallint)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with asked as materialized (
        select j.*, u.n from unnest(ids) with ordinality as u (id, n) cross join lateral (select * from jobs where id = u.id offset 0) j
    ), ladders as materialized (
        select a.ladder, k.ladder_id, s.channel
          from (select distinct ladder from asked where ladder is not null) a
         cross join lateral (select outrider.current_ladder(a.ladder) as ladder_id) k
          join ladder_steps s on s.ladder_id = k.ladder_id and s.position = 0
    ), texts as materialized (
        select a.*, outrider.template_text(a.tenant, a.template, a.locale) as body
          from (select distinct tenant, template, locale from asked where template is not null) a
    )
    select a.n, a.id, a.tenant, outrider.job_priority(a.category, a.priority), l.ladder_id, w.channel,
           outrider.address_on(w.channel, a.address, a.phone, a.email), a.run_at,
           case when w.channel <> 'sms' then 1 when a.template is null then least(outrider.segments(a.body), 100)
                else outrider.text_cost(t.body, a.data) end
      from asked a left join ladders l on l.ladder = a.ladder
     cross join lateral (select coalesce(a.channel, l.channel) as channel) w
      left join texts t on t.tenant = a.tenant and t.template = a.template and t.locale = a.locale
$$;
comment on function outrider.first_sends(bigint[]) is 'The first send of each of these jobs: by which channel, to whom, and what it costs.';

-- ---------------------------------------------------------------------------------------------------------------
-- Prices are data. None are shipped: what you pay stands in your contract.

create table outrider.prices (
    channel    text not null,
    prefix     text not null default '',
    currency   text not null,
    price      numeric not null,
    valid_from timestamptz not null default clock_timestamp(),
    primary key (currency, channel, prefix, valid_from),
    constraint price_channel_must_be_sms_voice_whatsapp_or_email check (channel in ('sms', 'voice', 'whatsapp', 'email')),
    constraint price_prefix_must_be_a_calling_code check (prefix = '' or outrider.calling_code(prefix || '00000000') = prefix),
    constraint price_currency_must_be_three_capital_letters check (currency collate "C" ~ '^[A-Z]{3}$'),
    constraint price_must_be_0_to_1000 check (price between 0 and 1000)
);
comment on table outrider.prices is 'What messages cost: of a text each segment, of the other channels each message. Ships empty. The longest prefix counts, then the latest valid_from.';
comment on column outrider.prices.prefix is 'A calling code such as +48; empty is any other, and mail.';
comment on column outrider.prices.valid_from is 'From when on. A campaign that has ended keeps the prices that were in force at its end.';

create function outrider.price_of(of_channel text, calling_code text, in_currency text, at timestamptz) returns numeric
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select p.price from prices p
     where p.currency = in_currency and p.channel = of_channel and p.prefix in (calling_code, '') and p.valid_from <= at
     order by p.prefix <> '' desc, p.valid_from desc limit 1
$$;
comment on function outrider.price_of(text, text, text, timestamptz) is 'The price of a segment of a text, or of another message, to this calling code at this time; null where none is known.';

create view outrider.campaign_costs with (security_barrier) as
select c.id as campaign_id, c.tenant, c.name, s.variant, s.channel, s.country, s.messages, s.segments, u.currency, u.price,
       u.price * case s.channel when 'sms' then s.segments else s.messages end as cost
  from (select campaign_id, variant, channel, country, sum(attempts)::bigint as messages, sum(segments)::bigint as segments
          from (select campaign_id, variant, channel, country, attempts, segments from outrider.campaign_counts
                union all
                select campaign_id, variant, channel, country, attempts, segments from outrider.campaign_deltas) a
         where attempts > 0 group by 1, 2, 3, 4) s
  join outrider.campaigns c on c.id = s.campaign_id
  left join lateral (
       select k.currency, outrider.price_of(s.channel, s.country, k.currency, coalesce(c.ended_at, clock_timestamp())) as price
         from (select distinct p.currency from outrider.prices p where p.channel = s.channel) k) u on u.price is not null
 where c.tenant = (select outrider.current_tenant()) or (select outrider.is_staff());
comment on view outrider.campaign_costs is 'What each campaign has cost, by variant, channel and calling code: messages begun, at the prices of outrider.prices, in each currency that has one. currency is null where none is known.';

-- ---------------------------------------------------------------------------------------------------------------
-- Budgets.

alter table outrider.campaign_limits
    add column messages bigint,
    add column segments bigint,
    add column money    numeric,
    add column currency text,
    add column is_short boolean not null default false,
    add column short_segments bigint,
    add column short_money numeric,
    add constraint budget_must_be_positive check (messages > 0 and segments > 0 and money > 0 and money < 'Infinity'),
    add constraint budget_of_money_needs_a_currency check ((money is null) = (currency is null));
comment on column outrider.campaign_limits.messages is 'It pauses by itself once so many messages were begun, repeats and later steps included. Null is no limit.';
comment on column outrider.campaign_limits.segments is 'The same of what messages cost of a sender''s rate: segments of texts.';
comment on column outrider.campaign_limits.money is 'The same of what messages cost by outrider.prices.';
comment on column outrider.campaign_limits.is_short is 'Whether what is left did not pay for the next person when somebody was last to be fed.';
comment on column outrider.campaign_limits.short_segments is 'How many segments were left then: with more, the next person is looked at again.';
comment on column outrider.campaign_limits.short_money is 'The same of money.';

create function outrider.begun_of(for_campaign_id integer, in_currency text, out messages bigint, out segments bigint, out money numeric)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce(sum(c.attempts), 0)::bigint, coalesce(sum(c.segments), 0)::bigint,
           coalesce(sum(case c.channel when 'sms' then c.segments else c.attempts end
                        * outrider.price_of(c.channel, c.country, in_currency, clock_timestamp())), 0)
      from (select channel, country, sum(attempts) as attempts, sum(segments) as segments
              from (select channel, country, attempts, k.segments from campaign_counts k where campaign_id = for_campaign_id
                    union all
                    select channel, country, attempts, k.segments from campaign_deltas k where campaign_id = for_campaign_id) a
             where attempts > 0 group by 1, 2) c
$$;
comment on function outrider.begun_of(integer, text) is 'How many messages and segments of a campaign were begun, and what they cost in this currency.';

create function outrider.budget_left(for_campaign_id integer, out messages bigint, out segments bigint, out money numeric, out waiting bigint)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- One snapshot: a send that begins leaves the one list and stands in the other.
    select l.messages - b.messages - w.messages, l.segments - b.segments - w.segments, l.money - b.money - w.money, w.messages
      from campaign_limits l
     cross join lateral outrider.begun_of(for_campaign_id, l.currency) b
     cross join lateral (
            select count(*) as messages, coalesce(sum(d.cost), 0)::bigint as segments,
                   -- Whom a due row is for is looked up only where it has a price.
                   coalesce(sum(case when l.money is not null then d.cost * (
                       select outrider.price_of(s.channel, outrider.calling_code(coalesce(j.address, j.phone)), l.currency, clock_timestamp())
                         from jobs j join senders s on s.id = n.sender_id where j.id = d.job_id) end), 0) as money
              from lanes n join due d on d.lane = n.id where n.campaign_id = for_campaign_id) w
     where l.campaign_id = for_campaign_id
$$;
comment on function outrider.budget_left(integer) is 'What is left of a campaign''s budgets for people who have no due row yet, and how many sends wait. Null: no such budget.';

create function outrider.within_budget(for_campaign_id integer, ids bigint[]) returns bigint[]
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    room record;
    currency constant text := (select l.currency from campaign_limits l where l.campaign_id = for_campaign_id);
    kept bigint[];
begin
    -- A budget of messages has been asked for how many are looked at. Only what a person costs of the others is not known before.
    if not exists (select from campaign_limits l where l.campaign_id = for_campaign_id and (l.segments is not null or l.money is not null)) then
        return ids;
    end if;
    select * into room from outrider.budget_left(for_campaign_id);
    select coalesce(array_agg(s.id order by s.n), '{}') into kept
      from (select f.id, f.n, sum(f.cost) over w as segments,
                   sum(f.cost * coalesce(outrider.price_of(f.channel, outrider.calling_code(f.address), currency, clock_timestamp()), 0)) over w as money
              from outrider.first_sends(ids) f window w as (order by f.n)) s
     where (room.segments is null or s.segments <= room.segments) and (room.money is null or s.money <= room.money);
    perform outrider.put_back(for_campaign_id, ids[cardinality(kept) + 1:]);
    update campaign_limits l set is_short = (kept = '{}'), short_segments = room.segments, short_money = room.money
     where l.campaign_id = for_campaign_id and (l.is_short or kept = '{}');
    return kept;
end $$;
comment on function outrider.within_budget(integer, bigint[]) is 'The first of these jobs, as many as the budget pays for. The others are put back to those that wait to be fed.';

create function outrider.part_within_budget(for_campaign_id integer, part integer) returns integer
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    budget campaign_limits;
    room record;
    cheapest numeric;
begin
    select * into budget from campaign_limits l
     where l.campaign_id = for_campaign_id and (l.messages is not null or l.segments is not null or l.money is not null);
    if not found then
        return part;
    end if;
    select * into room from outrider.budget_left(for_campaign_id);
    -- Who did not fit does not fit now. Nobody is taken out and put back for that each second.
    if budget.is_short and room.segments is not distinct from budget.short_segments and room.money is not distinct from budget.short_money then
        return 0;
    end if;
    select min(p.price) into cheapest from prices p where p.currency = budget.currency;
    -- A message is one segment at least, and costs the lowest price at least. Nobody is fed whom the budget does not pay for.
    return least(part, room.messages, room.segments, case when room.money <= 0 then 0 when cheapest > 0 then greatest(1, floor(room.money / cheapest)) end);
end $$;
comment on function outrider.part_within_budget(integer, integer) is 'How many people of a campaign may be looked at to be fed, so many at most: no more than its budget may have room for. Without a budget all.';

create function outrider.give_due_rows(for_campaign_id integer, ids bigint[]) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_mergejoin = off as $$
declare
    fed integer;
    campaign_name constant text := (select name from campaigns where id = for_campaign_id);
begin
    with sends as materialized (
        select * from outrider.first_sends(ids)
    ), routes as materialized (
        select a.*, outrider.send_lanes(a.tenant, a.channel, a.priority, campaign_name) as lanes
          from (select distinct tenant, channel, priority from sends) a
    )
    insert into due (at, job_id, lane, reason, step, generation, ladder_id, cost)
    select greatest(s.run_at, clock_timestamp()), s.id, outrider.pick_lane(r.lanes, s.address), 'dispatch', 0, 1, s.ladder_id, s.cost
      from sends s join routes r on r.tenant = s.tenant and r.channel = s.channel and r.priority = s.priority
     order by s.n;
    get diagnostics fed = row_count;
    return fed;
end $$;
comment on function outrider.give_due_rows(integer, bigint[]) is 'Gives jobs of a campaign that were taken out of its chunks their first due rows. Returns how many.';

create or replace function outrider.feed_campaign(
    for_campaign_id integer, part integer default 5000, enough integer default 20000, most integer default 200000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp
    set plan_cache_mode = force_custom_plan set enable_mergejoin = off as $$
declare
    campaign campaigns;
    own_lanes integer[];
    ids bigint[];
    fed integer;
begin
    perform pg_current_xact_id();  -- Before any clock is read: a worker's watermark relies on it.
    perform from campaign_feeds where campaign_id = for_campaign_id for update skip locked;
    if not found then
        return 0;  -- Another worker feeds it.
    end if;
    select * into campaign from campaigns where id = for_campaign_id;
    if campaign.paused_at is not null or campaign.starts_at > clock_timestamp() or outrider.displacement() is not null then
        return 0;
    end if;
    own_lanes := array(select id from lanes where campaign_id = for_campaign_id);
    -- What is due now keeps the senders busy. What comes later, quiet hours and retries, has a bound of its own.
    if (select count(*) from (select from unnest(own_lanes) as l (id) cross join lateral (
            select from due where lane = l.id and at <= statement_timestamp() limit enough) d limit enough) w) >= enough
       or (select count(*) from (select from unnest(own_lanes) as l (id) cross join lateral (
            select from due where lane = l.id limit most - part) d limit most - part) w) >= most - part then
        return 0;
    end if;
    part := outrider.part_within_budget(for_campaign_id, part);
    if part <= 0 then
        return 0;
    end if;
    ids := outrider.unfed(for_campaign_id, part, clock_timestamp() + interval '1 minute');
    if ids <> '{}' then
        ids := outrider.within_budget(for_campaign_id, ids);
    end if;
    fed := outrider.give_due_rows(for_campaign_id, ids);
    if fed > 0 then
        -- It was finished, and somebody has joined.
        update campaigns set state = 'running', ended_at = null where id = for_campaign_id and state = 'finished';
        perform outrider.announce(2);
    end if;
    return fed;
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- A budget that is reached pauses its campaign.

create function outrider.budget_reason(for_campaign_id integer) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    budget campaign_limits;
    begun record;
    is_waiting boolean;
    why text;
begin
    select * into budget from campaign_limits l
     where l.campaign_id = for_campaign_id and (l.messages is not null or l.segments is not null or l.money is not null);
    if not found then
        return null;
    end if;
    -- What was begun first, then what waits: a send that begins between the two is missed for a second, and no room is seen twice. What
    -- waiting rows will cost is never asked here: each worker asks each second.
    select * into begun from outrider.begun_of(for_campaign_id, budget.currency);
    is_waiting := exists (select from lanes n cross join lateral (select from due where lane = n.id limit 1) d where n.campaign_id = for_campaign_id);
    why := case
        when begun.messages >= budget.messages then format('its budget of %s messages is reached: %s were begun', budget.messages, begun.messages)
        when begun.segments >= budget.segments then format('its budget of %s segments is reached: %s were begun', budget.segments, begun.segments)
        when begun.money >= budget.money then format('its budget of %s %s is reached: messages for %s were begun',
                                                     trim_scale(budget.money), budget.currency, trim_scale(begun.money))
        -- Somebody may have ended without a message since: then there is more room than it was short with.
        when budget.is_short and not is_waiting and budget.segments - begun.segments is not distinct from budget.short_segments
             and budget.money - begun.money is not distinct from budget.short_money then 'what is left of its budget does not pay for the next person' end;
    -- Where nobody is left to be written to, it comes to its end as any other. With a ladder the next step may follow.
    if why is null or not is_waiting and not exists (select from campaign_chunks k where k.campaign_id = for_campaign_id)
       and not (exists (select from campaign_definitions d where d.campaign_id = for_campaign_id and d.ladder is not null)
                and outrider.has_people_left(for_campaign_id)) then
        return null;
    end if;
    return why || '. Raise it with outrider.set_campaign_budget(), then resume it.';
end $$;
comment on function outrider.budget_reason(integer) is 'Why a campaign''s budget does not let it go on; null when it does, or when nobody is left to be written to.';

create function outrider.has_people_left(for_campaign_id integer) returns boolean
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce(sum(people) > sum(ended), false)
      from (select people, ended from campaign_counts where campaign_id = for_campaign_id
            union all
            select people, ended from campaign_deltas where campaign_id = for_campaign_id) c
$$;
comment on function outrider.has_people_left(integer) is 'Whether people of a campaign have not ended.';

create function outrider.judge_campaigns(news integer[]) returns table (id integer, reason text)
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_column
declare
    judged integer;
    broken text;
    spent text;
begin
    if outrider.displacement() is not null then
        return;
    end if;
    for judged in
        select c.id from campaigns c
         where c.state = 'running' and (c.id = any (news) or exists (
               select from campaign_failures f where f.campaign_id = c.id and f.failed > f.failed_before))
        union
        select c.id from campaign_limits l join campaigns c on c.id = l.campaign_id
         where c.state = 'running' and (l.messages is not null or l.segments is not null or l.money is not null)
         order by 1
    loop
        continue when coalesce(outrider.breaker_reason(judged), outrider.budget_reason(judged)) is null;
        -- Somebody may have resumed or paused it meanwhile: its row is locked, and what is said is looked at once more.
        perform from campaigns c where c.id = judged and c.state = 'running' for no key update;
        continue when not found;
        broken := outrider.breaker_reason(judged);
        spent := outrider.budget_reason(judged);
        continue when coalesce(broken, spent) is null;
        perform outrider.stop_campaign(judged, coalesce(broken, spent));
        insert into campaign_limits as l (campaign_id, stopped_at, is_spent) values (judged, clock_timestamp(), broken is null)
        on conflict (campaign_id) do update set stopped_at = excluded.stopped_at, is_spent = excluded.is_spent;
        return query select judged, coalesce(broken, spent);
    end loop;
    perform outrider.end_spent_campaigns();
end $$;
comment on function outrider.judge_campaigns(integer[]) is 'Pauses campaigns that may not go on, and says why: of those given and of all that run and have failures. Any worker may, and several at once: each campaign is paused by one.';

create function outrider.end_spent_campaigns() returns void
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- What was under way when the budget was reached has ended, and nobody is left: that is no pause any more. The campaign's row is
    -- locked first, as by all that pause and resume.
    with ended as (
        update campaigns c set state = 'running', paused_at = null, paused_reason = null from campaign_limits l
         -- A person may have paused it meanwhile: that stands in the campaign's row, which is looked at again once it is locked.
         where l.is_spent and c.id = l.campaign_id and c.state = 'paused' and c.paused_reason like 'paused by itself: %' and not outrider.has_people_left(c.id)
           and not exists (select from campaign_chunks k where k.campaign_id = c.id) and not outrider.load_is_broken(c.id)
           and not exists (select from campaign_loads d where d.campaign_id = c.id and d.state in ('waiting', 'running'))
        returning c.id
    )
    update campaign_limits l set is_spent = false, stopped_at = null from ended where l.campaign_id = ended.id
$$;
comment on function outrider.end_spent_campaigns() is 'Lets campaigns finish that their budget has paused and that have nobody left.';

create or replace function outrider.resume_campaign(name text, tenant text default outrider.current_tenant()) returns text
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
    perform outrider.note_campaign(campaign.id, 'resumed', null);
    perform pg_notify('outrider_due', '');
    return 'resumed';
end $$;

create function outrider.set_campaign_budget(
    name text, messages bigint default null, segments bigint default null, money numeric default null, currency text default null,
    reason text default null, tenant text default outrider.current_tenant()) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(set_campaign_budget.name, set_campaign_budget.tenant);
    own_currency text;
    unpriced text;
    budget campaign_limits;
begin
    own_currency := coalesce(set_campaign_budget.currency, (select l.currency from campaign_limits l where l.campaign_id = campaign.id));
    if set_campaign_budget.money is not null then
        select u.channel into unpriced from outrider.channels_of(campaign.id) as u (channel)
         where outrider.price_of(u.channel, '', own_currency, clock_timestamp()) is null limit 1;
        if found then
            raise exception 'budget_needs_prices: there is no price of % in %', unpriced, coalesce(own_currency, 'any currency') using
                errcode = 'foreign_key_violation', constraint = 'budget_needs_prices',
                hint = 'Insert it into outrider.prices, with an empty prefix for all that have none of their own. Give the currency, such as EUR.';
        end if;
    end if;
    insert into campaign_limits (campaign_id) values (campaign.id) on conflict do nothing;
    update campaign_limits l
       set messages = coalesce(set_campaign_budget.messages, l.messages), segments = coalesce(set_campaign_budget.segments, l.segments),
           money = coalesce(set_campaign_budget.money, l.money), is_short = false,
           currency = case when set_campaign_budget.money is not null then own_currency else l.currency end
     where l.campaign_id = campaign.id returning * into budget;
    perform outrider.note_campaign(campaign.id, 'budget set', set_campaign_budget.reason, jsonb_strip_nulls(jsonb_build_object(
        'messages', budget.messages, 'segments', budget.segments, 'money', budget.money, 'currency', budget.currency)));
    return coalesce('it may cost ' || nullif(concat_ws(', ', budget.messages || ' messages', budget.segments || ' segments',
                                                       trim_scale(budget.money) || ' ' || budget.currency), ''), 'it has no budget');
end $$;
comment on function outrider.set_campaign_budget(text, bigint, bigint, numeric, text, text, text) is
    'Says what a campaign may cost; what is null stays as it is. One that has reached its budget goes on once that is raised and it is resumed.';

create function outrider.channels_of(for_campaign_id integer) returns setof text
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select d.channel from campaign_definitions d where d.campaign_id = for_campaign_id and d.channel is not null
    union
    select s.channel from campaign_definitions d join ladder_steps s on s.ladder_id = outrider.current_ladder(d.ladder)
     where d.campaign_id = for_campaign_id
$$;
comment on function outrider.channels_of(integer) is 'The channels that a campaign made with outrider.create_campaign() writes by.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on all functions in schema outrider from public;
grant execute on function outrider.judge_campaigns(integer[]) to outrider_worker;
grant execute on function outrider.price_of(text, text, text, timestamptz) to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant execute on function outrider.set_campaign_budget(text, bigint, bigint, numeric, text, text, text) to outrider_app, outrider_operator;
grant select on outrider.campaign_costs to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant select on outrider.prices to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant insert, update, delete on outrider.prices to outrider_operator;
