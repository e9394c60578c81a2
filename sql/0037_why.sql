-- Why a job was sent or not, in one sentence: outrider.why(). What a word means and what helps stands in a table. So a further
-- reason is one row, and an operator may say it in words of their own.

set local lock_timeout = '5s';

create table outrider.explanations (
    topic   text not null,
    word    text not null,
    meaning text not null,
    remedy  text,
    primary key (topic, word),
    constraint explanation_topic_must_be_known
        check (topic in ('outcome', 'state', 'skip', 'defer', 'class', 'code', 'held', 'suppression'))
);
comment on table outrider.explanations is 'What the words of events mean, and what helps, for outrider.why(): data, so that a reason is one row. A word without a row is shown as it is.';
comment on column outrider.explanations.topic is 'outcome, state, skip, defer, class: a word of that kind. code: provider and code. held: a part of the reason. suppression: the first word of its reason.';
comment on column outrider.explanations.meaning is 'The middle of a sentence, without its point.';
comment on column outrider.explanations.remedy is 'What a person can do about it; {job} is the id of the job. Null: nothing, or nothing is needed.';

create function outrider.take_restored_explanation() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update explanations e set meaning = new.meaning, remedy = new.remedy where e.topic = new.topic and e.word = new.word;
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_explanation() is 'Lets a dump of the rows alone come in: what a migration had put there is not inserted again, and the words of an operator count.';

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('outcome', 'delivered', 'it got through', null),
    ('outcome', 'unconfirmed', 'the provider took it and never said what became of it', '`outrider doctor` says whether callbacks reach the gateway'),
    ('outcome', 'exhausted', 'every step failed', '`outrider timeline {job}` shows each'),
    ('outcome', 'opted_out', 'the person does not want to be contacted', null),
    ('outcome', 'expired', 'its time was over before it could be sent', 'give a later expires_at'),
    ('outcome', 'canceled', 'it was canceled', '`select outrider.retry({job})` asks for the same again'),
    ('outcome', 'unknown', 'nobody can say whether the provider took it, and its category forbids another send',
     'look into the provider''s console; `select outrider.retry({job})` sends it again'),

    ('state', 'scheduled', 'its run_at has not come', null),
    ('state', 'queued', 'nothing has been sent yet, and it waits for its turn', '`outrider status` says what stands in front'),
    ('state', 'deferred', 'a rule says not now', '`outrider timeline {job}` names it'),
    ('state', 'sending', 'its request is with the provider, who has not answered yet', null),
    ('state', 'waiting', 'a receipt, a retry or the next step is due', null),
    ('state', 'held', 'a person must decide', 'decide with `outrider release {job}`'),
    ('state', 'receipt', 'the provider took it, and its receipt is waited for', null),
    ('state', 'in_doubt', 'nobody can say yet whether the provider took it; workers are finding out', null),
    ('state', 'not_sent', 'nothing left, or the provider processed nothing', '`outrider doctor` says whether the provider can be reached'),
    ('state', 'displaced', 'nothing leaves this database, which was restored, copied or promoted', 'see `outrider adopt`'),
    ('state', 'no_worker', 'no worker runs', 'start `outrider work`'),
    ('state', 'campaign_draft', 'its campaign has not been started', '`outrider campaign start` starts it'),
    ('state', 'campaign_paused', 'its campaign is paused', '`outrider campaign resume` lets it go on'),
    ('state', 'sender_paused', 'the provider refuses the sender, which is left alone for a while', '`outrider doctor` tries the credentials; mend what the code names'),
    ('state', 'sender_disabled', 'every sender of the channel is switched off', 'set enabled in outrider.senders, or add one'),

    ('skip', 'no_address', 'the job names no address for it', 'give phone and email, or a ladder without that channel'),
    ('skip', 'opted_out', 'the person opted out of it', null),
    ('skip', 'window_closed', 'the person did not write within 24 hours, and there is no approved template', 'give the template a content_sid in outrider.templates'),
    ('skip', 'no_consent', 'marketing needs a consent on record for it', 'insert the person''s consent into outrider.consents'),
    ('skip', 'no_sender', 'no sender serves it', 'add one to outrider.senders'),
    ('skip', 'no_content', 'there is no text for it, or its data lacks a key', 'add the text to outrider.templates, or the key to data'),
    ('skip', 'country_not_allowed', 'the country of the number is not allowed', 'allow the country, if the message is meant to go there'),
    ('skip', 'prefix_blocked', 'the prefix of the number is blocked', 'lift the block, if the number is meant'),
    ('skip', 'capped', 'as much as may be sent to it was sent', 'raise the cap, or ask again later'),

    ('defer', 'open_send', 'another message to this person that looks the same is not accounted for yet', 'it goes on by itself once that is known'),
    ('defer', 'quiet_hours', 'it is night where the person lives', 'it goes on by itself'),
    ('defer', 'campaign_window', 'its campaign writes at other hours where the person lives', '`select outrider.set_campaign_window(…)` changes them'),
    ('defer', 'cap', 'as much as may be sent in this time was sent', 'raise the cap, or wait'),
    ('defer', 'capped', 'as much as may be sent in this time was sent', 'raise the cap, or wait'),

    ('held', 'no sender serves', 'no sender serves any of its channels', 'add one to outrider.senders, then `outrider release {job} --not-sent`'),
    ('held', 'its template is missing', 'its template is missing', 'insert it into outrider.templates, then `outrider release {job} --not-sent`'),
    ('held', 'nobody can say', 'nobody can say whether the provider took it',
     'look at `outrider held` and into the provider''s console, then `outrider release {job} --sent` or `--not-sent`'),
    ('held', 'needs an operator', 'the provider refused the sender or the account for a day', 'mend that, then `outrider release {job} --not-sent`'),
    ('held', 'cannot be read', 'its row cannot be read', '`outrider timeline {job}` says what is wrong; `select outrider.cancel({job})` ends it'),

    ('suppression', 'stop', 'a STOP to our number', 'it is lifted by an inbound START, or by `select outrider.lift_suppression(…)`'),
    ('suppression', 'provider', 'the provider holds a block for the person', 'it is lifted by an inbound START, or by `select outrider.lift_suppression(…)`'),
    ('suppression', 'operator', 'an operator said so', '`select outrider.lift_suppression(…)` lifts it'),
    ('suppression', 'bounce', 'the mailbox refused for good', 'correct the address; `select outrider.lift_suppression(…)` lifts it'),
    ('suppression', 'invalid_address', 'the provider calls the address invalid', 'correct the address; `select outrider.lift_suppression(…)` lifts it'),
    ('suppression', 'spam_report', 'the person reported our mail as spam', 'leave the person alone; `select outrider.lift_suppression(…)` lifts it'),
    ('suppression', 'unsubscribe', 'the person unsubscribed from our mail', '`select outrider.lift_suppression(…)` lifts it, with the person''s word'),
    ('suppression', 'group_unsubscribe', 'the person left a group of our mails', 'it is lifted when the person returns to the group, or by `select outrider.lift_suppression(…)`');

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('class', 'transient', 'a passing fault of the provider or a carrier', 'it is tried again by itself; `select outrider.retry({job})` asks once more'),
    ('class', 'uncertain', 'the provider cannot say whether it arrived', 'ask the person before it is sent again'),
    ('class', 'unreachable', 'the handset or mailbox cannot be reached now', 'try later, or give the ladder a further channel'),
    ('class', 'invalid_address', 'the address does not exist', 'correct the address'),
    ('class', 'landline', 'the number takes no texts', 'use a ladder with a voice step'),
    ('class', 'filtered', 'a carrier or the provider filtered it', 'change the text: no link shortener, no words of spam'),
    ('class', 'blocked', 'the person, or a carrier for them, blocks our texts', 'reach the person another way'),
    ('class', 'channel_opted_out', 'the person said stop on this channel', 'leave the channel, or let the person write to us again'),
    ('class', 'opted_out', 'the person said stop', 'it is lifted by an inbound START'),
    ('class', 'window_closed', 'free text after WhatsApp''s 24 hours', 'give the template a content_sid in outrider.templates'),
    ('class', 'expired', 'it outlived its validity before a carrier took it', 'give the step a longer wait'),
    ('class', 'rate_limited', 'too fast, or a queue is full', 'lower rate_per_second of the sender'),
    ('class', 'quiet_hours', 'the provider holds texts back at night where the person lives', 'it goes on by itself'),
    ('class', 'configuration', 'our sender, its registration or our request is at fault', '`outrider doctor` says more; mend that, then release or retry'),
    ('class', 'credentials', 'our credentials or our account is refused', 'correct the credentials, restart the workers; `outrider doctor` tries them'),
    ('class', 'wrong_sender', 'this sender may not reach this destination', 'add a sender that serves it to outrider.senders'),
    ('class', 'unregistered', 'the sender is not registered for the country or carrier', 'register it at the provider, or add one that is'),
    ('class', 'unroutable', 'no sender of ours may reach the destination by this channel', 'allow the country at the provider, or use another channel'),
    ('class', 'fraud_block', 'a fraud guard blocked the destination', 'look at the traffic to its prefix, then ask the provider'),
    ('class', 'content', 'the message itself is refused', 'correct the text or the template'),
    ('class', 'no_answer', 'nobody took the call', 'try later, or give the ladder a further step'),
    ('class', 'unknown', 'the reason is not known', 'look into the provider''s console'),

    ('code', 'twilio 20003', 'the credentials are wrong', 'set TWILIO_AUTH_TOKEN or the API key anew, and restart the workers'),
    ('code', 'twilio 21408', 'the country is not permitted', 'allow the country under geographic permissions in the console, or leave it'),
    ('code', 'twilio 21610', 'the person opted out', 'it is lifted by an inbound START to that sender'),
    ('code', 'twilio 21614', 'no mobile', 'correct the number, or use a ladder with a voice step'),
    ('code', 'twilio 30003', 'unreachable', 'try later, or give the ladder a further channel'),
    ('code', 'twilio 30005', 'no such number', 'correct the number'),
    ('code', 'twilio 30006', 'a landline', 'use a ladder with a voice step'),
    ('code', 'twilio 30007', 'filtered', 'change the text, and register the sender'),
    ('code', 'twilio 30032', 'toll-free, not verified', 'have the toll-free number verified in the console'),
    ('code', 'twilio 30034', 'not registered for the US', 'register brand and campaign for A2P 10DLC in the console'),
    ('code', 'twilio 63016', 'the 24 hours are over', 'give the template a content_sid in outrider.templates');

create trigger a_restored_row before insert on outrider.explanations for each row execute function outrider.take_restored_explanation();
alter table outrider.explanations enable always trigger a_restored_row;

-- ---------------------------------------------------------------------------------------------------------------
-- Parts of a sentence. None of them holds a whole address, a text, or what a provider wrote.

create function outrider.explained(topic text, word text, out meaning text, out remedy text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- Of a word of a later release, the word.
    select coalesce(max(e.meaning), replace(explained.word, '_', ' ')), max(e.remedy)
      from explanations e where e.topic = explained.topic and e.word = explained.word
$$;
comment on function outrider.explained(text, text) is 'What a word means, and what helps.';

create function outrider.shown_at(at timestamptz) returns text
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
$$;
comment on function outrider.shown_at(timestamptz) is 'A time in a sentence.';

create function outrider.address_shape(address text) returns text
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case when address ~ '^[+][0-9]{7,}$' collate "C" then 'the number ' || left(address, 2) || '…' || right(address, 2)
                when strpos(address, '@') > 2 then 'the address ' || left(address, 1) || '…@…'
                else 'the address' end
$$;
comment on function outrider.address_shape(text) is 'As much of an address as may be shown: too little to learn it.';

create function outrider.step_words(job outrider.jobs, fact outrider.events) returns text
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select coalesce(fact.channel, 'it') || case when job.kind = 'notify' and fact.step is not null then format(' on step %s of %s', fact.step + 1,
        greatest(fact.step + 1, (select count(*) from ladder_steps s where s.ladder_id = fact.ladder_id))) else '' end
$$;
comment on function outrider.step_words(outrider.jobs, outrider.events) is 'Which step of the ladder a fact is about, counted from 1.';

create function outrider.suppression_words(job outrider.jobs, channel text, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    known constant text := outrider.one_spelling(outrider.address_on(suppression_words.channel, job.address, job.phone, job.email));
    found_one record;
    said record;
begin
    -- By its name: where suppressions have no category, each is of all.
    select s.reason, s.created_at into found_one from suppressions s
     where s.address = known and s.channel = suppression_words.channel and s.tenant in ('', job.tenant) and s.lifted_at is null
       and coalesce(to_jsonb(s) ->> 'category', '') in ('', job.category)
     order by s.reason = 'stop' desc, s.created_at limit 1;
    if not found then
        meaning := format('%s had opted out of %s, and that was lifted since', outrider.address_shape(known), channel);
        remedy := '`select outrider.retry({job})` asks for the same again';
        return;
    end if;
    -- What an operator wrote as the reason is not shown.
    said := outrider.explained('suppression', coalesce((select e.word from explanations e
                where e.topic = 'suppression' and e.word = split_part(found_one.reason, ' ', 1)), 'operator'));
    meaning := format('%s opted out of %s at %s (%s)', outrider.address_shape(known), channel, outrider.shown_at(found_one.created_at), said.meaning);
    remedy := said.remedy;
end $$;
comment on function outrider.suppression_words(outrider.jobs, text) is 'Since when and by whose word the person of a job must not be contacted.';

create function outrider.failure_words(job outrider.jobs, fact outrider.events, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    what constant text := outrider.step_words(job, fact);
    said record;
    code error_codes;
begin
    if fact.status = 'skipped' and fact.code = 'opted_out' then
        select w.meaning, w.remedy into meaning, remedy from outrider.suppression_words(job, fact.channel) w;
    elsif fact.status = 'skipped' then
        said := outrider.explained('skip', coalesce(fact.code, 'skipped'));
        meaning := format('%s was passed over: %s', what, said.meaning);
        remedy := said.remedy;
    elsif fact.class is null then
        said := outrider.explained('state', 'not_sent');
        meaning := format('%s was not sent: %s', what, said.meaning);
        remedy := said.remedy;
    else
        said := outrider.explained('class', fact.class);
        -- A code stands in one table: a word of a call, or a number, or SendGrid's.
        select c.* into code from error_codes c
         where c.code = fact.code and c.provider = any (case fact.channel when 'email' then array['sendgrid'] else array['twilio', 'twilio-voice'] end)
         order by c.provider limit 1;
        meaning := format('%s failed%s: %s', what, ' with ' || fact.code || coalesce(' (' || code.meaning || ')', ''), said.meaning);
        remedy := coalesce((outrider.explained('code', code.provider || ' ' || code.code)).remedy, said.remedy);
    end if;
end $$;
comment on function outrider.failure_words(outrider.jobs, outrider.events) is 'Why a step of a job did not get through: the code, what it means, and what helps.';

create function outrider.last_failure(for_job bigint, before integer) returns outrider.events
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- What the provider said of an attempt weighs more than that nothing left.
    select e.* from events e
     where e.job_id = for_job and e.generation between 1 and before
       and (e.kind = 'answer' and e.status in ('refused', 'skipped') or e.kind = 'receipt' and e.class is not null
            or e.kind = 'answer' and e.status = 'not_sent' and e.class is not null)
     order by e.generation desc, e.at desc limit 1
$$;
comment on function outrider.last_failure(bigint, integer) is 'The last attempt of a job that failed or was passed over.';

create function outrider.deferral_words(job outrider.jobs, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    fact events;
    said record;
begin
    select * into fact from events e where e.job_id = job.id and e.kind = 'deferred' order by e.generation desc, e.at desc limit 1;
    if fact.job_id is null or exists (select from events e where e.job_id = job.id and e.generation >= fact.generation and e.kind in ('intent', 'answer')) then
        return;
    end if;
    said := outrider.explained('defer', coalesce(fact.code, 'deferred'));
    meaning := coalesce('until ' || outrider.shown_at(to_timestamp((fact.detail ->> 'until')::double precision / 1000000)) || ', ', '')
               || outrider.step_words(job, fact) || ': ' || said.meaning;
    remedy := said.remedy;
end $$;
comment on function outrider.deferral_words(outrider.jobs) is 'Which rule said "not now" of the attempt that would be next, and until when; null when none did.';

-- ---------------------------------------------------------------------------------------------------------------
-- The sentences.

create function outrider.why_ended(job outrider.jobs, ended outrider.events, attempts bigint, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    said record := outrider.explained('outcome', ended.code);
    verdict constant text := case when attempts = 0 then 'Not sent' else 'Not delivered' end;
    fact events;
    why record;
begin
    remedy := said.remedy;
    case ended.code
    when 'delivered' then
        select * into fact from events e where e.job_id = job.id and e.kind = 'receipt' and e.level is not null and e.class is null
         order by e.channel = ended.channel desc, e.generation desc, e.at desc limit 1;
        fact := case when fact.job_id is null then ended else fact end;
        meaning := format('Delivered by %s at %s', outrider.step_words(job, fact), outrider.shown_at(fact.at));
        fact := outrider.last_failure(job.id, fact.generation - 1);
        why := outrider.failure_words(job, fact);
        meaning := meaning || case when fact.job_id is null then '' else ', after ' || why.meaning end;
    when 'exhausted', 'opted_out' then
        if ended.code = 'opted_out' then
            select * into fact from events e where e.job_id = job.id and e.generation > 0
               and (e.status = 'skipped' and e.code = 'opted_out' or e.class in ('opted_out', 'channel_opted_out')) order by e.generation desc, e.at limit 1;
        end if;
        fact := case when fact.job_id is null then outrider.last_failure(job.id, 2147483647) else fact end;
        meaning := format('%s: %s', verdict, concat_ws(', ', said.meaning, ended.reason));
        if fact.job_id is not null then
            why := outrider.failure_words(job, fact);
            meaning := format('%s: %s', verdict, why.meaning);
            remedy := coalesce(why.remedy, remedy);
        end if;
    when 'expired' then
        meaning := format('%s: %s%s', verdict, said.meaning, ' (' || outrider.shown_at(job.expires_at) || ')');
        why := outrider.deferral_words(job);
        fact := outrider.last_failure(job.id, 2147483647);
        if why.meaning is not null then
            meaning := meaning || ', having waited ' || why.meaning;
        elsif fact.job_id is not null then
            meaning := meaning || ', after ' || (outrider.failure_words(job, fact)).meaning;
        end if;
    when 'canceled' then
        meaning := format('%s: %s at %s', case when attempts = 0 then 'Not sent' else 'Ended' end, coalesce(ended.reason, said.meaning), outrider.shown_at(ended.at))
                   || case when attempts > 0 then format(', after %s attempt(s); what a provider has taken may still arrive', attempts) else '' end;
    when 'unconfirmed', 'unknown' then
        select * into fact from events e where e.job_id = job.id and e.kind = 'intent' order by e.generation desc limit 1;
        meaning := initcap(ended.code) || ': ' || coalesce('of ' || outrider.step_words(job, fact) || ', begun at ' || outrider.shown_at(fact.at) || ', ', '') || said.meaning;
    else
        meaning := format('Ended: %s', concat_ws(', ', said.meaning, ended.reason));
    end case;
end $$;
comment on function outrider.why_ended(outrider.jobs, outrider.events, bigint) is 'Why a job ended as it did.';

create function outrider.why_held(job outrider.jobs, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    fact events;
    said explanations;
begin
    select * into fact from events e
     where e.job_id = job.id and e.kind || '' = 'held'
       and not exists (select from events r where r.job_id = e.job_id and r.generation = e.generation and r.kind = 'released')
     order by e.generation desc limit 1;
    select * into said from explanations e where e.topic = 'held' and strpos(fact.reason, e.word) > 0 order by length(e.word) desc limit 1;
    meaning := format('Held since %s: %s', outrider.shown_at(fact.at), coalesce(said.meaning, fact.reason, (outrider.explained('state', 'held')).meaning));
    remedy := coalesce(said.remedy, (outrider.explained('state', 'held')).remedy);
end $$;
comment on function outrider.why_held(outrider.jobs) is 'What a person must decide about a job, and how.';

create function outrider.progress_words(job outrider.jobs, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    fact constant events := outrider.last_failure(job.id, 2147483647);
    next_one events;
    why record;
begin
    select * into next_one from events e where e.job_id = job.id and e.kind = 'next' order by e.generation desc limit 1;
    if fact.job_id is null then
        return;
    end if;
    why := outrider.failure_words(job, fact);
    meaning := case next_one.code when 'retry' then 'Is tried again' when 'resend' then 'Is sent once more' when 'escalate' then 'Goes on with the next step'
               else 'Is being decided' end || ': ' || why.meaning;
    remedy := why.remedy;
end $$;
comment on function outrider.progress_words(outrider.jobs) is 'What follows from the last attempt that failed; null when none did.';

create function outrider.why_waiting(job outrider.jobs, state text, out meaning text, out remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns;
    fact events;
    answer events;
    deferral record := outrider.deferral_words(job);
    word text := why_waiting.state;
begin
    select * into fact from events e where e.job_id = job.id and e.kind = 'intent' order by e.generation desc limit 1;
    if state = 'sending' then
        meaning := format('Under way: %s was begun at %s; %s', outrider.step_words(job, fact), outrider.shown_at(fact.at), (outrider.explained('state', state)).meaning);
        return;
    elsif state = 'scheduled' then
        meaning := format('Waits until %s: %s', outrider.shown_at(job.run_at), (outrider.explained('state', state)).meaning);
        return;
    end if;
    select * into campaign from campaigns c where c.tenant = job.tenant and c.name = job.campaign;
    -- A message that the provider has is waited for, whatever stands still.
    select * into answer from events e
     where e.job_id = job.id and e.generation = fact.generation and e.kind = 'answer'
       and not exists (select from events n where n.job_id = job.id and n.generation = fact.generation
                          and (n.kind = 'next' or n.kind = 'receipt' and n.class is not null));
    word := case when answer.status = 'accepted' then 'receipt' when answer.status in ('unknown', 'lost') then 'in_doubt'
                 when outrider.displacement() is not null then 'displaced'
                 when campaign.state = 'draft' then 'campaign_draft' when campaign.paused_at is not null then 'campaign_paused'
                 else coalesce(outrider.sender_word(job, fact.channel), word) end;
    select e.meaning, e.remedy into meaning, remedy from outrider.explained('state', word) e;
    meaning := case when word in ('receipt', 'in_doubt') then format('%s, begun at %s: %s', outrider.step_words(job, fact), outrider.shown_at(fact.at), meaning)
                    when word = 'campaign_paused' then concat_ws(': ', meaning, campaign.paused_reason) else meaning end;
    if word in ('queued', 'waiting') and deferral.meaning is not null then
        meaning := 'Waits ' || deferral.meaning;
        remedy := deferral.remedy;
    elsif word in ('queued', 'waiting') then
        select coalesce(p.meaning, 'Waits: ' || why_waiting.meaning), coalesce(p.remedy, why_waiting.remedy) into meaning, remedy from outrider.progress_words(job) p;
    else
        fact := outrider.last_failure(job.id, 2147483647);
        meaning := 'Waits: ' || meaning || case when fact.job_id is null then '' else ', after ' || (outrider.failure_words(job, fact)).meaning end;
    end if;
end $$;
comment on function outrider.why_waiting(outrider.jobs, text) is 'What a job waits for that has no outcome yet.';

create function outrider.sender_word(job outrider.jobs, channel text) returns text
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select case when not exists (select from workers w where w.heartbeat_at > clock_timestamp() - interval '60 seconds') then 'no_worker'
                when count(*) > 0 and not bool_or(s.enabled) then 'sender_disabled'
                when bool_and(s.paused_until > clock_timestamp()) filter (where s.enabled) then 'sender_paused' end
      from senders s
     where (s.tenant is null or s.tenant = job.tenant)
       and s.channel = coalesce(sender_word.channel, job.channel,
                                (select p.channel from ladder_steps p join ladders l on l.id = p.ladder_id where l.name = job.ladder order by l.version desc, p.position limit 1))
$$;
comment on function outrider.sender_word(outrider.jobs, text) is 'What keeps every job of a channel: no worker, or no sender that may send now; null when nothing does.';

create function outrider.why(job_id bigint) returns text
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job jobs := outrider.visible_job(why.job_id);
    status record;
    ended events;
    said record;
begin
    select * into status from job_status s where s.id = job.id;
    select * into ended from events e where e.job_id = job.id and e.generation = 0 and e.kind || '' = 'outcome';
    if ended.job_id is not null then
        said := outrider.why_ended(job, ended, status.attempts);
    elsif status.state = 'held' then
        said := outrider.why_held(job);
    elsif status.outcome is not null then
        -- The campaign was canceled before the job was begun; it is swept later.
        select 'Not sent: its campaign was canceled' as meaning, e.remedy into said from outrider.explained('outcome', status.outcome) e;
    else
        said := outrider.why_waiting(job, status.state);
    end if;
    return upper(left(said.meaning, 1)) || substr(said.meaning, 2) || coalesce('; ' || replace(said.remedy, '{job}', job.id::text), '') || '.';
end $$;
comment on function outrider.why(bigint) is 'Why a job was sent or was not, in one sentence: what decided it, what the code means, and what helps. It holds no whole address and no text.';

-- ---------------------------------------------------------------------------------------------------------------
-- Who may.

revoke all on function outrider.take_restored_explanation(), outrider.explained(text, text), outrider.shown_at(timestamptz), outrider.address_shape(text),
    outrider.step_words(outrider.jobs, outrider.events), outrider.suppression_words(outrider.jobs, text), outrider.failure_words(outrider.jobs, outrider.events),
    outrider.last_failure(bigint, integer), outrider.deferral_words(outrider.jobs), outrider.why_ended(outrider.jobs, outrider.events, bigint),
    outrider.progress_words(outrider.jobs), outrider.why_held(outrider.jobs), outrider.why_waiting(outrider.jobs, text),
    outrider.sender_word(outrider.jobs, text), outrider.why(bigint) from public;
grant execute on function outrider.why(bigint) to outrider_app, outrider_gateway, outrider_operator;
grant select on outrider.explanations to outrider_app, outrider_worker, outrider_gateway, outrider_operator;
grant insert, update, delete on outrider.explanations to outrider_operator;
