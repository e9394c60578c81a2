-- Sentences that ask for no more messages: they stop marketing at once, and an operator decides the rest.
--
-- No table that is busy is locked.

set local lock_timeout = '5s';

create table outrider.opt_out_wishes (
    id          bigint generated always as identity primary key,
    provider_id text not null,
    channel     text not null,
    address     text not null,
    to_address  text not null,
    text        text,
    asked_at    timestamptz not null default clock_timestamp(),
    stops       text,
    settled_at  timestamptz,
    settled_by  text,
    reason      text,
    constraint opt_out_wish_is_kept_once unique (provider_id),
    constraint opt_out_wish_must_stop_all_marketing_or_nothing check (stops in ('all', 'marketing', 'nothing')),
    constraint opt_out_wish_is_settled_by_somebody_for_a_reason
        check ((settled_at is null) = (stops is null) and (settled_at is null) = (settled_by is null) and (settled_at is null) = (reason is null))
);
comment on table outrider.opt_out_wishes is 'Sentences of people that plainly ask for no more messages, but are no word such as STOP. Each stopped marketing when it came; an operator decides whether it stops everything, or nothing.';
comment on column outrider.opt_out_wishes.provider_id is 'The provider''s id of the message.';
comment on column outrider.opt_out_wishes.address is 'Who wrote, in the one spelling of outrider.one_spelling.';
comment on column outrider.opt_out_wishes.to_address is 'Our number that it was sent to: it says which tenants it binds.';
comment on column outrider.opt_out_wishes.text is 'What the person wrote, at most 500 characters. Taken out 90 days after the message.';
comment on column outrider.opt_out_wishes.stops is 'What it stops, as decided: all, marketing or nothing. Null: nobody has decided, and it stops marketing.';
create index opt_out_wishes_open on outrider.opt_out_wishes (asked_at) where settled_at is null;
create index opt_out_wishes_with_text on outrider.opt_out_wishes (asked_at) where text is not null;

create function outrider.settle_wish(wish bigint, stops text, reason text) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
#variable_conflict use_column
declare
    asked opt_out_wishes;
    changed integer;
begin
    if settle_wish.stops is null or settle_wish.stops not in ('all', 'marketing', 'nothing') then
        raise exception 'opt_out_wish_must_stop_all_marketing_or_nothing' using errcode = 'check_violation',
            constraint = 'opt_out_wish_must_stop_all_marketing_or_nothing', hint = 'all is as a STOP; nothing says that the sentence was misread.';
    elsif coalesce(settle_wish.reason, '') !~ '[^[:space:]]' collate "C" then
        raise exception 'opt_out_wish_is_settled_by_somebody_for_a_reason: the reason is empty' using errcode = 'check_violation',
            constraint = 'opt_out_wish_is_settled_by_somebody_for_a_reason', hint = 'Say what the person meant, in your words.';
    end if;
    select * into asked from opt_out_wishes where id = settle_wish.wish for update;
    if not found then
        raise exception 'there is no sentence %', settle_wish.wish using errcode = 'no_data_found', constraint = 'opt_out_wish_must_exist',
            hint = 'See outrider.opt_out_wishes, or run outrider wishes.';
    elsif asked.settled_at is not null then
        raise exception 'opt_out_wish_is_settled_once: % stops %', asked.id, asked.stops using
            errcode = 'object_not_in_prerequisite_state', constraint = 'opt_out_wish_is_settled_once',
            hint = 'To change it, call outrider.suppress() or outrider.lift_suppression() with a reason.';
    end if;
    update opt_out_wishes set stops = settle_wish.stops, settled_at = clock_timestamp(), settled_by = outrider.acting_name(), reason = left(settle_wish.reason, 1000)
     where id = asked.id;
    if settle_wish.stops = 'all' then
        insert into suppressions (tenant, address, channel, reason, source)
        select t.tenant, asked.address, c.channel, 'stop', 'sentence ' || asked.provider_id || ', read by ' || outrider.acting_name()
          from unnest(outrider.phone_channels()) as c (channel) cross join unnest(outrider.tenants_of_number(asked.to_address)) as t (tenant)
         order by 1, 2, 3 on conflict do nothing;
        return 'nothing is sent to this number any more, by text, call or WhatsApp';
    elsif settle_wish.stops = 'marketing' then
        return 'no marketing is sent to this number any more';
    end if;
    update suppressions set lifted_at = clock_timestamp(), lifted_by = 'operator ' || outrider.acting_name(), lift_reason = left(settle_wish.reason, 1000)
     where address = asked.address and channel = any (outrider.phone_channels()) and source = 'sentence ' || asked.provider_id and lifted_at is null;
    get diagnostics changed = row_count;
    return case when changed > 0 then 'what it stopped is sent again' else 'it stopped nothing of its own: another word of the person still may' end;
end $$;
comment on function outrider.settle_wish(bigint, text, text) is 'Decides what a sentence of outrider.opt_out_wishes stops: all, marketing or nothing. The operator''s name and reason are kept.';

create function outrider.forget_wish_texts(at_most integer default 5000) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    forgotten integer;
begin
    update opt_out_wishes set text = null
     where id in (select w.id from opt_out_wishes w where w.text is not null and w.asked_at < clock_timestamp() - interval '90 days' order by w.asked_at limit at_most);
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;
comment on function outrider.forget_wish_texts(integer) is 'Takes out what people wrote more than 90 days ago, of at most so many sentences. That they wrote is kept.';

revoke all on outrider.opt_out_wishes from public;
revoke all on function outrider.settle_wish(bigint, text, text), outrider.forget_wish_texts(integer) from public;
grant select, insert on outrider.opt_out_wishes to outrider_gateway, outrider_worker;
grant select on outrider.opt_out_wishes to outrider_operator;
grant execute on function outrider.settle_wish(bigint, text, text) to outrider_operator;
grant execute on function outrider.forget_wish_texts(integer) to outrider_worker;

-- ---------------------------------------------------------------------------------------------------------------
-- What a person is answered who wrote a word.

create table outrider.keyword_replies (
    tenant  text not null,
    keyword text not null,
    reply   text not null,
    login   text not null default session_user,
    at      timestamptz not null default clock_timestamp(),
    primary key (tenant, keyword),
    constraint reply_keyword_must_be_stop_start_or_help check (keyword in ('stop', 'start', 'help')),
    constraint reply_must_be_1_to_1600_characters check (length(reply) between 1 and 1600 and reply ~ '[^[:space:]]' collate "C")
);
comment on table outrider.keyword_replies is 'What somebody is answered who writes a word such as STOP, where Twilio does not answer by itself: on WhatsApp, on short codes, and to words that Twilio does not know.';
comment on column outrider.keyword_replies.tenant is 'Whose number the word was sent to; empty for every tenant without a reply of its own.';

create function outrider.set_keyword_reply(keyword text, reply text, tenant text default '') returns void
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    if set_keyword_reply.reply is null then
        delete from keyword_replies r where r.tenant = coalesce(set_keyword_reply.tenant, '') and r.keyword = set_keyword_reply.keyword;
        return;
    end if;
    insert into keyword_replies as r (tenant, keyword, reply)
    values (coalesce(set_keyword_reply.tenant, ''), set_keyword_reply.keyword, set_keyword_reply.reply)
    on conflict on constraint keyword_replies_pkey do update set reply = excluded.reply, login = session_user, at = clock_timestamp();
end $$;
comment on function outrider.set_keyword_reply(text, text, text) is 'Says what somebody is answered who writes STOP, START or HELP (or a word of that meaning) to a tenant''s number. Null is nothing.';

revoke all on outrider.keyword_replies from public;
revoke all on function outrider.set_keyword_reply(text, text, text) from public;
grant select on outrider.keyword_replies to outrider_gateway, outrider_operator;
grant execute on function outrider.set_keyword_reply(text, text, text) to outrider_operator;
