-- What a job, a template and a sender may say is narrower from here on.
--
-- A rule of this migration holds for rows that are inserted or changed later (`not valid`): no row of a filled database is
-- read, and none is refused afterwards. Each rule keeps its name where it only became stricter.

-- ---------------------------------------------------------------------------------------------------------------
-- Predicates the rules use. Their bodies are bound to tables and operators when they are created, whatever the search_path
-- of who inserts.

create function outrider.is_email_address(address text) returns boolean
    language sql immutable parallel safe
    -- One expression, so that it is inlined. The dot-atom of RFC 5322, and a domain of at least two labels of 1 to 63 letters,
    -- digits and inner hyphens, of which the last is no number. The program's own rule is Delivery's EmailAddress.
    return length(address) <= 254 and strpos(address, '@') between 2 and 65
       and address ~ '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$'
       and address !~ '\.[0-9]+$' and address !~ '@.*[^.]{64}';
comment on function outrider.is_email_address(text) is 'True for an e-mail address that SendGrid can take: name@example.com, without a display name, quotes, comments, or letters beyond ASCII.';

create function outrider.is_blank(content text) returns boolean
    language sql immutable parallel safe
    -- One expression, so that it is inlined; nearly every text has a visible ASCII character. Else: all of it is white space, a
    -- control, or what Unicode lets a reader ignore (Default_Ignorable_Code_Point), or an empty Braille cell.
    return content !~ '[!-~]'
       and content !~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]';
comment on function outrider.is_blank(text) is 'True when a reader of the text sees nothing: white space, controls and zero-width characters alone.';

revoke all on function outrider.is_email_address(text), outrider.is_blank(text) from public;
grant execute on function outrider.is_email_address(text), outrider.is_blank(text)
    to outrider_app, outrider_worker, outrider_gateway, outrider_operator;

-- ---------------------------------------------------------------------------------------------------------------
-- Jobs.

-- What was asked for before the rules came is kept, and comes back from a dump of whatever form.
do $rules$
begin
    execute format($$
        alter table outrider.jobs
            drop constraint address_must_be_an_email_address_for_email,
            add constraint address_must_be_an_email_address_for_email
                check (created_at < %1$L or channel <> 'email' or outrider.is_email_address(address)) not valid,
            drop constraint email_must_be_an_email_address,
            add constraint email_must_be_an_email_address check (created_at < %1$L or outrider.is_email_address(email)) not valid,
            drop constraint body_must_not_be_blank,
            add constraint body_must_not_be_blank check (created_at < %1$L or not outrider.is_blank(body)) not valid,
            add constraint subject_must_not_be_blank check (created_at < %1$L or not outrider.is_blank(subject)) not valid
        $$, clock_timestamp());
end $rules$;

-- ---------------------------------------------------------------------------------------------------------------
-- Templates.

alter table outrider.templates
    drop constraint template_needs_a_body_or_a_provider_template,
    add constraint template_needs_a_body_or_a_provider_template
        check (coalesce(not outrider.is_blank(body), false) or content_sid is not null or dynamic_template is not null) not valid,
    drop constraint template_subject_is_needed_for_email,
    add constraint template_subject_is_needed_for_email
        check (channel <> 'email' or dynamic_template is not null or coalesce(not outrider.is_blank(subject), false)) not valid,
    -- There is nothing to include: such a tag would leave a hole in the text.
    add constraint template_must_not_ask_for_another_one
        check (coalesce(body, '') collate "C" !~ '[{][{][[:space:]]*[<>]' and coalesce(subject, '') collate "C" !~ '[{][{][[:space:]]*[<>]'
               and coalesce(html, '') collate "C" !~ '[{][{][[:space:]]*[<>]') not valid;

-- ---------------------------------------------------------------------------------------------------------------
-- Senders. A check would be asked whenever a worker pauses a sender, also one whose address was taken before this rule.

create function outrider.check_sender_address() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if (case new.channel
           when 'sms' then new.address ~ '^([+][1-9][0-9]{6,14}|[0-9]{3,8}|MG[0-9a-fA-F]{32})$'
                or (new.address ~ '^[A-Za-z0-9]([A-Za-z0-9 ]{0,9}[A-Za-z0-9])?$' and new.address ~ '[A-Za-z]')
           when 'email' then outrider.is_email_address(new.address)
           else true end) is not true
    then
        raise check_violation using constraint = 'sender_address_must_fit_its_channel', schema = 'outrider', table = 'senders',
            message = 'sender_address_must_fit_its_channel: a number with its plus, a short code, a Messaging Service, a name with a letter, or an e-mail address';
    end if;
    return new;
end $$;
comment on function outrider.check_sender_address() is 'Refuses a sender that its provider would refuse: a number without its plus, a name of digits alone, a mail address that is none.';
revoke all on function outrider.check_sender_address() from public;

create trigger check_sender_address before insert or update of channel, address on outrider.senders
    for each row execute function outrider.check_sender_address();

-- ---------------------------------------------------------------------------------------------------------------
-- A call that ended before a word was heard.

insert into outrider.error_codes (provider, code, class, retry_after_seconds, meaning, source, as_of)
values ('twilio-voice', 'hung-up', 'no_answer', null, 'The call ended before the text could be heard',
        'twilio docs voice/api/call-resource', date '2026-11-26')
on conflict (provider, code) do nothing;
