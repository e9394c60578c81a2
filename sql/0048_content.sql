-- What a text asks of its data is known when the text is saved: a job whose data lacks it is refused when it is inserted. And whoever
-- saves the text of an offer is warned of what carriers and people miss in it.
--
-- Of the tables that are in use, this migration locks templates alone, and rewrites none.

set local lock_timeout = '5s';

-- ---------------------------------------------------------------------------------------------------------------
-- What a text needs.

create function outrider.needed_names(body text) returns text[]
    language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    rest text := body;
    names text[] := '{}';
    depth integer := 0;
    place integer;
    ending text;
    tag text;
    name text;
begin
    loop
        place := coalesce(strpos(rest, '{{'), 0);
        exit when place = 0;
        rest := substr(rest, place + 2);
        ending := case when left(rest, 1) = '{' then '}}}' else '}}' end;
        place := strpos(rest, ending);
        exit when place = 0;
        tag := left(rest, place - 1);
        rest := substr(rest, place + length(ending));
        if left(tag, 1) in ('=', '<', '>') or tag collate "C" ~ '^[[:space:]]+[#^$/&=!<>]' then
            return '{}';  -- The worker's own reading decides, and tells what is wrong.
        elsif left(tag, 1) in ('#', '^', '$') then
            depth := depth + 1;
        elsif left(tag, 1) = '/' then
            depth := greatest(0, depth - 1);
        elsif left(tag, 1) not in ('!', '%') and depth = 0 then
            name := translate(ltrim(tag, case when left(tag, 1) in ('{', '&') then left(tag, 1) else '' end), E' \t\n\r\f\v', '');
            while name like '%)' and strpos(name, '(') > 0 loop
                name := left(substr(name, strpos(name, '(') + 1), -1);
            end loop;
            if name not in ('', '.') and name <> all (names) and name !~ '[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]' then
                names := names || name;
            end if;
        end if;
    end loop;
    return names;
end $$;
comment on function outrider.needed_names(text) is 'The keys that a text with {{placeholders}} cannot do without: those outside every section. The same that a worker finds, or fewer where a text is unusual.';

alter table outrider.templates
    add column category text,
    add column needs    text[],
    add constraint template_category_must_be_a_category_of_jobs check (category in ('otp', 'alert', 'transactional', 'marketing')) not valid;
comment on column outrider.templates.category is 'What is made of it. Null: anything, so it is looked at as the text of offers when it is saved. It keeps no job from using it.';
comment on column outrider.templates.needs is 'The keys that data must have, whichever way it is sent. Set by Outrider.';

create function outrider.template_needs(text_row outrider.templates) returns text[]
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
    select case
        when text_row.dynamic_template is not null then '{}'
        when text_row.channel = 'email' then
            outrider.needed_names(text_row.body) || outrider.needed_names(text_row.subject) || outrider.needed_names(text_row.html)
        when text_row.content_sid is null then outrider.needed_names(text_row.body)
        when text_row.body is null then text_row.content_variables
        -- Which of the two is sent is known when it is sent.
        else array(select v from unnest(outrider.needed_names(text_row.body)) as v where v = any (text_row.content_variables)) end
$$;
comment on function outrider.template_needs(outrider.templates) is 'The keys that a template cannot do without, whether its own text is sent or the provider''s approved one.';

create function outrider.complete_template() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    new.needs := outrider.template_needs(new);
    if new.category is null and new.name collate "C" ~ '^outrider[.]campaign/[0-9]{1,9}(/|$)' then
        new.category := (select d.category from campaign_definitions d where d.campaign_id = split_part(new.name, '/', 2)::integer);
    end if;
    return new;
end $$;
comment on function outrider.complete_template() is 'Writes down what a template needs. A text that a campaign was made with has the campaign''s category.';
create trigger a_template_is_completed before insert or update on outrider.templates for each row execute function outrider.complete_template();
alter table outrider.templates enable always trigger a_template_is_completed;
-- Row by row: a template of before may break a rule that was made later, and stays as it is. What it needs is not known then.
do $$
declare
    place record;
begin
    for place in select ctid from outrider.templates loop
        begin
            update outrider.templates t set needs = null where t.ctid = place.ctid;
        exception when check_violation then null;
        end;
    end loop;
end $$;

create function outrider.text_needs(for_tenant text, template_name text, for_channel text, for_ladder text, for_locale text) returns text[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    with texts as (
        -- Each is chosen as a take chooses it. A step without a text is passed over.
        select t.needs
          from (select for_channel as channel where for_channel is not null
                union select s.channel from ladder_steps s where for_channel is null and s.ladder_id = outrider.current_ladder(for_ladder)) c
         cross join lateral (
               select m.needs from templates m
                where m.name = template_name and m.channel = c.channel and m.tenant in ('', for_tenant)
                  and m.locale in ('', split_part(for_locale, '-', 1), for_locale)
                order by m.tenant desc, length(m.locale) desc limit 1) t
    )
    select array(select n from texts cross join lateral (select distinct unnest(needs) as n) d
                  group by n having count(*) = (select count(*) from texts) order by n)
$$;
comment on function outrider.text_needs(text, text, text, text, text) is
    'The keys that each text of a job needs: one text for a send, one for each channel of a ladder. Without such a key nothing could be sent.';

-- It has a second rule now, and asks both where the rows of a statement are seen together.
alter function outrider.refuse_unknown_time_zone() rename to refuse_unfit_jobs;
create or replace function outrider.refuse_unfit_jobs() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    asked record;
    lacking record;
begin
    select bool_or(time_zone <> 'UTC') as in_zones, bool_or(template is not null) as by_template into asked from new_jobs;
    if asked.in_zones and exists (select from (select distinct time_zone from new_jobs where time_zone <> 'UTC') z where not outrider.is_time_zone(time_zone))
       and outrider.displacement() is null then
        raise exception 'time_zone_must_be_known' using errcode = 'check_violation', constraint = 'time_zone_must_be_known',
            hint = 'Write it as PostgreSQL knows it, for example Europe/Warsaw.';
    end if;
    if asked.by_template then
        -- Rows of a dump were inserted by another transaction, and some of them purged since. What is asked again was asked before. What is
        -- sealed nobody can read here.
        with ways as materialized (
            select distinct tenant, template, channel, ladder, locale from new_jobs where template is not null and sealed is null and xact = (select pg_current_xact_id())
        ), needed as materialized (
            select a.*, n.name, array_remove(string_to_array(n.name, '.'), '') as path
              from ways a cross join lateral unnest(outrider.text_needs(a.tenant, a.template, a.channel, a.ladder, a.locale)) as n (name)
        )
        select n.template, n.name into lacking
          from needed n join new_jobs j on (j.template, j.tenant, j.locale) = (n.template, n.tenant, n.locale)
                                       and j.channel is not distinct from n.channel and j.ladder is not distinct from n.ladder
         where j.data #>> n.path is null and j.sealed is null and (j.idempotency_key like 'outrider.retry/%') is not true limit 1;
        if found then
            raise exception 'data_must_have_what_its_text_needs: the template "%" needs "%", and data has nothing there', left(lacking.template, 100), left(lacking.name, 60)
                using errcode = 'check_violation', constraint = 'data_must_have_what_its_text_needs',
                hint = 'Give data a value for it; null is none. What may be missing stands in a section of the text, such as {{#name}}, {{name}}{{/name}}.';
        end if;
    end if;
    return null;
end $$;
comment on function outrider.refuse_unfit_jobs() is
    'Refuses jobs with a time zone that this server does not know, and jobs that no text could be made for. Once per statement. Rows of a dump come in all the same.';

create function outrider.lacking_keys(definition outrider.campaign_definitions, problems text[], keys text[], phones text[], emails text[], locales text[], values_given text[])
    returns text[]
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    own_tenant constant text := (select c.tenant from campaigns c where c.id = definition.campaign_id);
begin
    -- Most texts of campaigns need nothing, or what everybody has.
    if not exists (select from outrider.variant_ranges(definition.campaign_id) v join templates t on t.name = v.template and t.tenant in ('', own_tenant) where t.needs <> '{}') then
        return problems;
    end if;
    return array(
        with ranges as materialized (
            select v.from_share, v.below, v.template, definition.data || v.data as data, count(*) over () > 1 as is_shared
              from outrider.variant_ranges(definition.campaign_id) v where v.below > v.from_share
        ), texts as materialized (
            select r.*, l.locale, outrider.text_needs(own_tenant, r.template, definition.channel, definition.ladder, l.locale) as needs
              from ranges r cross join (select distinct coalesce(u, definition.locale) as locale from unnest(locales) as u) l
        )
        select coalesce(p.problem, (
                   select format('data has no key "%s"', left(n.name, 60)) from unnest(t.needs) as n (name)
                    where (t.data || p.data::jsonb) #>> array_remove(string_to_array(n.name, '.'), '') is null limit 1))
          from unnest(problems, keys, phones, emails, locales, values_given) with ordinality as p (problem, key, phone, email, locale, data, n)
          left join texts t on p.problem is null and t.locale = coalesce(p.locale, definition.locale)
               and (not t.is_shared or outrider.person_share(definition.campaign_id, coalesce('k' || p.key, 'a' || coalesce(p.phone, p.email))) between t.from_share and t.below - 1)
         order by p.n);
end $$;
comment on function outrider.lacking_keys(outrider.campaign_definitions, text[], text[], text[], text[], text[], text[]) is
    'For each person of a campaign that is loaded: the problem found before, or which key their data lacks, or null.';

create or replace function outrider.audience_problems(
    definition outrider.campaign_definitions, keys text[], phones text[], emails text[], locales text[], time_zones text[], values_given text[])
    returns text[]
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    strange_zones constant text[] := array(select z from (select distinct unnest(time_zones) as z) d where not outrider.is_time_zone(z));
    address_needed constant text := case when definition.channel is null then 'a phone number or an e-mail address'
                                         when definition.channel = 'email' then 'an e-mail address' else 'a phone number' end;
    problems text[];
begin
    problems := array(
        select case
                when case when definition.channel = 'email' then email when definition.channel is not null then phone
                          else coalesce(phone, email) end is null then 'must have ' || address_needed
                when time_zone = any (strange_zones) then 'column time_zone must be known, such as Europe/Warsaw'
                when locale collate "C" !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' or length(locale) > 35
                    then 'column locale must be a language tag, such as en or pt-BR'
                when length(key) > 200 then 'column key must have at most 200 characters'
                when octet_length(data) > 64000 - octet_length(definition.data::text) then 'must have at most 64 kilobytes of data' end
          from unnest(keys, phones, emails, locales, time_zones, values_given) with ordinality
                 as u (key, phone, email, locale, time_zone, data, n) order by n);
    return outrider.lacking_keys(definition, problems, keys, phones, emails, locales, values_given);
end $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Words that say how to stop, and links that carriers block.

create table outrider.stop_hints (
    language text not null,
    phrase   text not null,
    kind     text not null,
    primary key (language, phrase, kind),
    constraint stop_hint_language_must_be_2_or_3_small_letters check (language collate "C" ~ '^([a-z]{2,3})?$'),
    constraint stop_hint_phrase_must_be_small_words_without_accents check (phrase collate "C" ~ '^[a-z0-9]+([ -][a-z0-9]+)*$'),
    constraint stop_hint_kind_must_be_phrase_capitals_or_other check (kind in ('phrase', 'capitals', 'other'))
);
comment on table outrider.stop_hints is 'By which words the text of an offer says how to get no more of them. Empty language: in each. A language without rows takes those of all.';
comment on column outrider.stop_hints.kind is 'phrase: counts however it is written; capitals: counts in capital letters, as a word that is to be sent; other: looks like one and is none, such as "non stop".';

insert into outrider.stop_hints (language, phrase, kind)
-- A verb that asks for an answer, and the word to be sent.
select l.language, v || ' ' || w, 'phrase'
  from (values
    ('en', 'reply,reply with,reply by,text,txt,send,respond,respond with,answer,answer with,message,write,type', 'stop,stopall,end,cancel,quit,unsub,revoke'),
    ('es', 'responde,responda,responder,responde con,responda con,envia,envie,enviar,manda,mande,escribe,escriba', 'stop,baja,parar,pare,alto,cancelar,salir,fin'),
    ('fr', 'repondez,repondez par,repondre,repondre par,reponds,reponds par,envoyez,envoyer,envoie,tapez,ecrivez', 'stop,arret,fin'),
    ('de', 'antworten sie,antworten sie mit,antworte,antworte mit,antworten,antwort,sende,senden sie,schreibe,schreiben sie,schick,schicken sie,per,mit', 'stop,stopp,ende,abmelden'),
    ('pt', 'responda,responda com,responde,responder,envie,envia,enviar,mande,digite,escreva', 'sair,parar,pare,stop,cancelar,fim,remover'),
    ('it', 'rispondi,rispondi con,rispondere,rispondete,invia,inviare,inviate,scrivi,manda,digita', 'stop,ferma,annulla,cancella,fine,esci,disdetta'),
    ('pl', 'odpisz,odpowiedz,wyslij,wyslij sms,napisz,przeslij', 'stop,koniec,wypisz,rezygnuje,anuluj'),
    ('nl', 'antwoord,antwoord met,stuur,verstuur,sms,reageer met,beantwoord met', 'stop,einde,afmelden,uitschrijven,stopzetten')) as l (language, verbs, words)
 cross join unnest(string_to_array(l.verbs, ',')) as v cross join unnest(string_to_array(l.words, ',')) as w
union all
select l.language, p, l.kind
  from (values
    ('', 'phrase', 'unsubscribe,unsub,opt out,opt-out,optout,stop url,stop link,stop sms'),
    ('en', 'phrase', 'stop to end,stop to opt,stop to cancel,stop to quit,stop to leave,stop 2 end,stop ends'),
    ('es', 'phrase', 'dar de baja,darse de baja,darte de baja,darme de baja,date de baja,dese de baja,desuscribir,desuscribirse,desuscribirte,cancelar suscripcion,cancelar la suscripcion,stop al,baja al'),
    ('fr', 'phrase', 'stop au,stop par,stop pub,desabonner,desabonnement,desabonnez,desinscrire,desinscription'),
    ('de', 'phrase', 'stop an,stopp an,stop per,abmelden,abmeldung,abbestellen,abbestellung,austragen'),
    ('pt', 'phrase', 'sair para,stop para,descadastrar,descadastro,desinscrever,cancelar inscricao,cancelar assinatura,cancelar subscricao'),
    ('it', 'phrase', 'stop al,disiscriverti,disiscriviti,disiscriversi,disiscrivi,disiscrizione'),
    ('pl', 'phrase', 'stop na,stop pod,wypisz sie,wypisac sie,rezygnacja,zrezygnowac,odsubskrybuj'),
    ('nl', 'phrase', 'stop naar,afmelden,afmelding,uitschrijven,uitschrijving,meld je af,schrijf je uit'),
    ('', 'capitals', 'stop,stopall'),
    ('es', 'capitals', 'baja,parar,pare,cancelar,salir,desuscribir'), ('fr', 'capitals', 'arret,desabonner,desinscrire'),
    ('de', 'capitals', 'stopp'), ('pt', 'capitals', 'sair,parar,pare,cancelar,remover,descadastrar'),
    ('it', 'capitals', 'ferma,annulla,cancella,cancellami,disdetta'), ('pl', 'capitals', 'wypisz,rezygnuje,anuluj,koniec'), ('nl', 'capitals', 'stopzetten,opzeggen'),
    ('', 'other', 'non stop,non-stop,dont stop,do not stop,cant stop,cannot stop,wont stop,never stop,not stop,bus stop,one stop,one-stop,pit stop,full stop,'
                  'last stop,next stop,first stop,stop by,stop in,stop over,stop off,stop at,stop and,stop for,stop the,stop waiting,stop worrying,stop paying,stop looking'),
    ('es', 'other', 'baja de precios,baja los precios,baja california')) as l (language, kind, phrases)
 cross join unnest(string_to_array(l.phrases, ',')) as p;

create table outrider.link_shorteners (
    host   text primary key,
    source text not null default '',
    constraint shortener_must_be_a_host_in_small_letters check (host collate "C" ~ '^[a-z0-9-]+([.][a-z0-9-]+)+$')
);
comment on table outrider.link_shorteners is 'Public link shorteners. Carriers block texts with their links (error 30007), because anybody may hide anything behind them.';

insert into outrider.link_shorteners (host, source)
select h, 'Outrider' from unnest(string_to_array('bit.ly,bitly.com,bitly.ws,j.mp,tinyurl.com,tiny.cc,tiny.one,t.co,goo.gl,ow.ly,is.gd,v.gd,buff.ly,rebrand.ly,cutt.ly,t.ly,rb.gy,shorturl.at,'
    'bl.ink,lnkd.in,adf.ly,s.id,soo.gd,clck.ru,dub.sh,shorte.st,x.co,qr.ae,trib.al,dlvr.it,urlz.fr,kutt.it,snip.ly,gg.gg,u.to,tr.im,short.gy,lc.chat,mcaf.ee,surl.li,clk.im', ',')) as h;

create function outrider.take_restored_stop_hint() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    return case when exists (select from stop_hints h where h = new) then null else new end;
end $$;
comment on function outrider.take_restored_stop_hint() is 'Lets a dump of the rows alone come in: what a migration had put there is not inserted again.';
create trigger a_restored_row before insert on outrider.stop_hints for each row execute function outrider.take_restored_stop_hint();
alter table outrider.stop_hints enable always trigger a_restored_row;

create function outrider.take_restored_shortener() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update link_shorteners s set source = new.source where s.host = new.host;
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_shortener() is 'Lets a dump of the rows alone come in: what a migration had put there is not inserted again.';
create trigger a_restored_row before insert on outrider.link_shorteners for each row execute function outrider.take_restored_shortener();
alter table outrider.link_shorteners enable always trigger a_restored_row;

create function outrider.folded_words(body text) returns text
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
    -- Marks upon letters go, and what shows nothing; a hyphen stays within a word.
    select ' ' || btrim(regexp_replace(regexp_replace(replace(translate(
               regexp_replace(normalize(body, NFKD), '[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff''\u2018\u2019\u00b4`]', '', 'g'),
               'łŁøØđĐı', 'lLoOdDi'), 'ß', 'ss') collate "C", '(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])', ' ', 'g'), '[^A-Za-z0-9-]+', ' ', 'g')) || ' '
$$;
comment on function outrider.folded_words(text) is 'The words of a text in plain letters, one space around each, capitals as they are.';

create function outrider.has_stop_hint(body text, for_locale text) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    own constant text := split_part(coalesce(for_locale, ''), '-', 1);
    others constant text := (select string_agg(phrase, '|' order by length(phrase) desc) from stop_hints where kind = 'other');
    written text := outrider.folded_words(body);
begin
    written := coalesce(regexp_replace(written collate "C", ' (' || others || ')(?= )', ' .', 'gi'), written);
    return exists (
        select from stop_hints h
         where (h.language in ('', own) or own = '' or not exists (select from stop_hints o where o.language = own))
           and (h.kind = 'phrase' and strpos(lower(written collate "C"), ' ' || h.phrase || ' ') > 0
                or h.kind = 'capitals' and strpos(written, ' ' || upper(h.phrase collate "C") || ' ') > 0));
end $$;
comment on function outrider.has_stop_hint(text, text) is 'Whether a text says in its language how to get no more such messages: by a word of outrider.stop_hints, or a placeholder or a link that has it in its name.';

create function outrider.shorteners_in(body text) returns text[]
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select array(
        select s.host from link_shorteners s
         where s.host in (select regexp_replace(m[1], '^www[.]', '')
                            from regexp_matches(lower(normalize(body, NFKC) collate "C"), '(?:^|[^a-z0-9./@-]|//)([a-z0-9-]+(?:[.][a-z0-9-]+)+)', 'g') as m)
         order by s.host)
$$;
comment on function outrider.shorteners_in(text) is 'The public link shorteners by which a text links.';

create function outrider.text_warnings(body text, locale text, category text) returns table (problem text, remedy text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select 'says an offer without how to stop',
           'Add words such as "STOP to end" in its language; outrider.stop_hints has those that count. If no offers are made of it, set its category.'
     where coalesce(text_warnings.category, 'marketing') = 'marketing' and not outrider.has_stop_hint(text_warnings.body, text_warnings.locale)
    union all
    select 'has a link by ' || h, 'Carriers block public shorteners (30007): link to a domain of your own.' from unnest(outrider.shorteners_in(text_warnings.body)) as h
$$;
comment on function outrider.text_warnings(text, text, text) is 'What carriers and people may miss in a text message of this category; null is any category. It never keeps a text from being saved or sent.';

create function outrider.warn_of_text() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    found_one record;
begin
    for found_one in select * from outrider.text_warnings(new.body, new.locale, new.category) loop
        raise warning 'template "%"% %', left(new.name, 100), coalesce(' in ' || nullif(new.locale, ''), ''), found_one.problem using hint = found_one.remedy;
    end loop;
    return null;
end $$;
comment on function outrider.warn_of_text() is 'Warns whoever saves the text of an SMS.';
create trigger templates_are_warned_of after insert or update of body, channel, locale, category, name on outrider.templates
    for each row when (new.channel = 'sms' and new.body is not null) execute function outrider.warn_of_text();

-- ---------------------------------------------------------------------------------------------------------------
-- Campaigns.

create function outrider.warnings_of(for_campaign_id integer, template_names text[]) returns table (template text, locale text, problem text, remedy text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select t.name, t.locale, w.problem, w.remedy
      from campaign_definitions d
      join campaigns c on c.id = d.campaign_id
      join templates t on t.name = any (template_names) and t.channel = 'sms' and t.body is not null and t.tenant in ('', c.tenant)
     cross join lateral outrider.text_warnings(t.body, coalesce(nullif(t.locale, ''), case when t.name like 'outrider.campaign/%' then d.locale end), d.category) w
     where d.campaign_id = for_campaign_id and 'sms' in (select outrider.channels_of(for_campaign_id))
       and (t.tenant <> '' or not exists (select from templates o where (o.tenant, o.name, o.channel, o.locale) = (c.tenant, t.name, t.channel, t.locale) and c.tenant <> ''))
     order by t.name, t.locale, w.problem
$$;
comment on function outrider.warnings_of(integer, text[]) is 'What carriers and people may miss in these texts, as texts of a campaign.';

create or replace function outrider.check_template(for_campaign_id integer, template_name text) returns void
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    missing text;
    found_one record;
    own_tenant constant text := (select c.tenant from campaigns c where c.id = for_campaign_id);
begin
    select c into missing from outrider.channels_of(for_campaign_id) as c
     where not exists (select from templates t where t.name = template_name and t.channel = c and t.tenant in ('', own_tenant)) limit 1;
    if found then
        raise exception 'template_must_exist: there is no template "%" for %', left(coalesce(template_name, ''), 100), missing using
            errcode = 'foreign_key_violation', constraint = 'template_must_exist', hint = 'Insert it into outrider.templates first.';
    end if;
    -- The campaign's own texts were looked at when they were saved.
    for found_one in select * from outrider.warnings_of(for_campaign_id, array[template_name]) where template_name not like 'outrider.campaign/%' loop
        raise warning 'template "%"% %', left(found_one.template, 100), coalesce(' in ' || nullif(found_one.locale, ''), ''), found_one.problem using hint = found_one.remedy;
    end loop;
end $$;
comment on function outrider.check_template(integer, text) is 'Refuses a template that a channel of the campaign does not have, and warns of what its text misses.';

create function outrider.campaign_warnings(name text, tenant text default outrider.current_tenant()) returns table (template text, locale text, problem text, remedy text)
    language plpgsql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    campaign campaigns := outrider.visible_campaign(campaign_warnings.name, campaign_warnings.tenant);
begin
    return query select w.* from outrider.warnings_of(campaign.id, array(select v.template from outrider.variant_ranges(campaign.id) v where v.template is not null)) w;
end $$;
comment on function outrider.campaign_warnings(text, text) is 'What carriers and people may miss in the text messages of a campaign: the warnings that whoever made it was given.';

create function outrider.doubtful_texts() returns table (kind text, tenant text, name text, problem text)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select distinct 'template', t.tenant, t.name, w.problem
      from templates t cross join lateral outrider.text_warnings(t.body, t.locale, t.category) w
     where t.channel = 'sms' and t.body is not null and t.name not like 'outrider.campaign/%'
    union all
    select distinct 'campaign', c.tenant, c.name, w.problem
      from campaigns c
     cross join lateral outrider.warnings_of(c.id, array(select v.template from outrider.variant_ranges(c.id) v where v.template is not null)) w
     where c.state in ('draft', 'loading', 'running', 'paused')
     order by 1, 3, 2, 4
$$;
comment on function outrider.doubtful_texts() is 'Templates, and campaigns that have not ended, with a text that somebody was warned of. For outrider doctor.';

revoke all on outrider.stop_hints, outrider.link_shorteners from public;
grant select, insert, update, delete on outrider.stop_hints, outrider.link_shorteners to outrider_operator;
revoke all on function outrider.needed_names(text), outrider.template_needs(outrider.templates), outrider.complete_template(), outrider.text_needs(text, text, text, text, text),
    outrider.lacking_keys(outrider.campaign_definitions, text[], text[], text[], text[], text[], text[]), outrider.take_restored_stop_hint(), outrider.take_restored_shortener(),
    outrider.folded_words(text), outrider.has_stop_hint(text, text), outrider.shorteners_in(text), outrider.text_warnings(text, text, text), outrider.warn_of_text(),
    outrider.warnings_of(integer, text[]), outrider.campaign_warnings(text, text), outrider.doubtful_texts() from public;
grant execute on function outrider.campaign_warnings(text, text) to outrider_app, outrider_operator;
grant execute on function outrider.text_warnings(text, text, text), outrider.has_stop_hint(text, text), outrider.needed_names(text) to outrider_operator;
grant execute on function outrider.doubtful_texts() to outrider_worker, outrider_gateway, outrider_operator;
