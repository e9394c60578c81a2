-- Numbers that a provider called dead are remembered for a while, so that the next campaign does not pay for them again.
--
-- No table that is busy is locked. A take looks a number up by the primary key; while nothing is remembered, that costs nothing.

set local lock_timeout = '5s';

create table outrider.dead_codes (
    code text primary key,
    life interval not null,
    constraint dead_code_life_must_be_1_hour_to_5_years check (life between interval '1 hour' and interval '5 years')
);
comment on table outrider.dead_codes is 'Which codes are remembered of a number, and for how long. A code without a row is forgotten with its job.';

insert into outrider.dead_codes (code, life) values
    ('21211', '30 days'), ('21614', '180 days'), ('21635', '180 days'), ('30005', '30 days'), ('30006', '180 days'), ('63024', '30 days');

create function outrider.take_restored_dead_code() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
begin
    update dead_codes d set life = new.life where d.code = new.code;
    return case when found then null else new end;
end $$;
comment on function outrider.take_restored_dead_code() is 'Lets a dump of the rows alone come in: what a migration had put there is not inserted again, and the life that comes in counts.';
create trigger a_restored_row before insert on outrider.dead_codes for each row execute function outrider.take_restored_dead_code();
alter table outrider.dead_codes enable always trigger a_restored_row;

create table outrider.dead_addresses (
    address text not null,
    channel text not null,
    class   text not null,
    code    text not null,
    job_id  bigint not null,
    since   timestamptz not null default clock_timestamp(),
    until   timestamptz not null,
    primary key (address, channel),
    constraint dead_address_channel_must_be_sms_voice_or_whatsapp check (channel in ('sms', 'voice', 'whatsapp')),
    constraint dead_address_needs_a_class_and_a_code check (class <> '' and code <> '')
);
comment on table outrider.dead_addresses is 'Numbers that a provider called dead on a channel, until they are tried again. They bind every tenant: it is a fact about the number.';
comment on column outrider.dead_addresses.address is 'As outrider.one_spelling() has it.';
comment on column outrider.dead_addresses.class is 'landline: no category is sent. invalid_address: no marketing and no transactional message; what is urgent is tried.';
comment on column outrider.dead_addresses.job_id is 'The job whose message met it.';
create index dead_addresses_by_end on outrider.dead_addresses (until);

create function outrider.note_dead(for_jobs bigint[], channels text[], codes text[], classes text[]) returns bigint
    language sql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
    -- In the order of their key, so that two commits never wait for each other in a circle.
    with given as (
        select distinct on (p.address, c.channel) p.address, c.channel, g.class, g.code, g.job_id, clock_timestamp() + d.life as until
          from unnest(for_jobs, channels, codes, classes) as g (job_id, channels, code, class)
          join dead_codes d on d.code = g.code
         cross join lateral (select j.address, j.phone, j.email from jobs j where j.id = g.job_id offset 0) j
         cross join lateral unnest(g.channels::text[]) as c (channel)
         cross join lateral (select outrider.one_spelling(outrider.address_on(c.channel, j.address, j.phone, j.email)) as address) p
         where p.address is not null
         order by p.address, c.channel, d.life desc
    ), noted as (
        insert into dead_addresses as a (address, channel, class, code, job_id, until)
        select address, channel, class, code, job_id, until from given order by address, channel
        on conflict on constraint dead_addresses_pkey do update
           set class = excluded.class, code = excluded.code, job_id = excluded.job_id, until = excluded.until
         where excluded.until > a.until
        returning 1
    )
    select count(*) from noted
$$;
comment on function outrider.note_dead(bigint[], text[], text[], text[]) is
    'Remembers of the recipients of these jobs on which channels, such as {sms,whatsapp}, a provider called them dead, with its code and class.';

create function outrider.list_dead(at_most integer default 1000, of_address text default null)
    returns table (address text, channel text, class text, code text, job_id bigint, since timestamptz, until timestamptz)
    language sql stable security definer set search_path = pg_catalog, outrider, pg_temp as $$
    select d.address, d.channel, d.class, d.code, d.job_id, d.since, d.until
      from dead_addresses d
     where d.until > clock_timestamp() and (of_address is null or d.address = outrider.one_spelling(of_address))
     order by d.since desc, d.address, d.channel limit least(at_most, 10000)
$$;
comment on function outrider.list_dead(integer, text) is 'Numbers that are remembered as dead, the newest first, at most 10,000; or those of one address.';

create function outrider.forget_dead(address text, channels text[] default null, reason text default null) returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    forgotten integer;
begin
    delete from dead_addresses d
     where d.address = outrider.one_spelling(forget_dead.address) and d.channel = any (coalesce(forget_dead.channels, outrider.phone_channels()));
    get diagnostics forgotten = row_count;
    if forgotten > 0 then
        -- Never the number itself.
        perform outrider.note_contact_rule('dead number forgotten', outrider.address_shape(forget_dead.address), forget_dead.reason,
                                           jsonb_build_object('channels', forgotten));
    end if;
    return forgotten;
end $$;
comment on function outrider.forget_dead(text, text[], text) is
    'Lets a number be tried again at once, on these channels or on all. Returns on how many it was remembered as dead.';

insert into outrider.explanations (topic, word, meaning, remedy) values
    ('skip', 'dead_number', 'a provider called the number dead on this channel not long ago',
     'correct the number, or use another channel; `outrider dead forget` lets it be tried again');

revoke all on function outrider.take_restored_dead_code(), outrider.note_dead(bigint[], text[], text[], text[]), outrider.list_dead(integer, text),
    outrider.forget_dead(text, text[], text) from public;
grant execute on function outrider.note_dead(bigint[], text[], text[], text[]) to outrider_worker, outrider_gateway;
grant execute on function outrider.list_dead(integer, text), outrider.forget_dead(text, text[], text) to outrider_operator;
grant select on outrider.dead_addresses to outrider_worker, outrider_operator;
grant delete on outrider.dead_addresses to outrider_worker;
grant select on outrider.dead_codes to outrider_worker, outrider_gateway, outrider_operator;
grant insert, update, delete on outrider.dead_codes to outrider_operator;
