-- What ends of campaigns is counted in the commit that says so: by the recorder of the workers, by cancel() and by the sweep.
--
-- A trigger on events would need no such list, but it costs every message 5 to 8 %: each statement that adds events keeps all
-- its rows for it, and few of them end a job.

create function outrider.count_outcomes(ids bigint[], codes text[], channels text[]) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    counted bigint;
begin
    insert into campaign_deltas (campaign_id, wave, variant, country, channel, outcome, class, ended)
    select c.id, j.wave, coalesce(j.variant, ''), outrider.calling_code(coalesce(j.address, j.phone)), coalesce(e.channel, ''),
           coalesce(e.code, ''), coalesce(f.class, ''), count(*)
      from unnest(ids, codes, channels) as e (job_id, code, channel)
     cross join lateral (
           select tenant, campaign, wave, variant, address, phone from jobs where id = e.job_id and campaign is not null offset 0) j
      join campaigns c on c.tenant = j.tenant and c.name = j.campaign
      left join lateral (
           select class from events where job_id = e.job_id and class is not null and e.code not in ('delivered', 'canceled')
            order by generation desc, at desc limit 1) f on true
     group by 1, 2, 3, 4, 5, 6, 7;
    get diagnostics counted = row_count;
    return counted;
end $$;
comment on function outrider.count_outcomes(bigint[], text[], text[]) is 'Counts jobs of campaigns that have just ended, with the outcome and the channel of each. Jobs of no campaign are passed over.';

create or replace function outrider.cancel(job_id bigint) returns text
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    job outrider.jobs := outrider.visible_job(cancel.job_id);
    ended text;
    begun integer;
    priority constant integer := outrider.job_priority(job.category, job.priority);
begin
    insert into events (job_id, generation, kind, status, code, reason)
    values (job.id, 0, 'outcome', 'ended', 'canceled', 'canceled by ' || session_user)
    on conflict do nothing;
    if not found then
        select code into ended from events e where e.job_id = job.id and generation = 0 and kind = 'outcome';
        return 'already ended: ' || ended;
    end if;
    perform outrider.count_outcomes(array[job.id], '{canceled}', '{null}');
    -- A worker ends the call that the provider has queued or rings, and looks again while a request is on its way.
    insert into due (at, job_id, lane, reason, step, generation, ladder_id)
    select clock_timestamp(), job.id, outrider.look_lane('decide', priority, e.channel), 'decide', e.step, e.generation, e.ladder_id
      from events e where e.job_id = job.id and e.kind = 'intent' order by e.generation desc limit 1;
    if found then
        perform outrider.announce(least(priority, 1));
    end if;
    select count(*) into begun from events e where e.job_id = job.id and kind = 'intent';
    return case when begun = 0 then 'canceled before anything was sent'
                else format('canceled after %s attempt(s); a call that is not answered yet is ended, what else a provider has taken may still arrive', begun) end;
end $$;

revoke all on function outrider.count_outcomes(bigint[], text[], text[]) from public;
grant execute on function outrider.count_outcomes(bigint[], text[], text[]) to outrider_worker;
