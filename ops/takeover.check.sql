-- What must hold once everything has ended: one line each, "ok" or what is wrong. Standard input is the sandbox's ledger,
-- one line of JSON per request it accepted.
create temp table ledger (entry jsonb not null);
\copy ledger from pstdin with (format csv, quote E'\x01', delimiter E'\x02')
create temp view accepted as
    select entry ->> 'to' as address, entry ->> 'kind' as channel,
           coalesce(substring(entry ->> 'status_callback' from '[?&]job=([0-9]+)'),
                    jsonb_path_query_first(entry, '$.**.outrider_job') #>> '{}')::bigint as job_id,
           coalesce(substring(entry ->> 'status_callback' from '[?&]generation=([0-9]+)'),
                    jsonb_path_query_first(entry, '$.**.outrider_generation') #>> '{}')::integer as generation
      from ledger;
create temp view resends as
    select job_id, channel, count(*) as times from outrider.events where kind = 'next' and code = 'resend' group by job_id, channel;

create temp view checks (wrong, what) as
select count(*), 'jobs without exactly one outcome'
  from outrider.jobs j
 where (select count(*) from outrider.events e where e.job_id = j.id and e.kind = 'outcome') <> 1
union all select count(*), 'jobs missing of those asked for' from generate_series(1, :jobs) n
 where not exists (select from outrider.idempotency_keys where key = 'takeover-' || n)
union all select count(*), 'due rows left' from outrider.due
union all select count(*), 'leases left' from outrider.leases
union all select count(*), 'ledger entries that name no attempt'
  from accepted a where not exists (
       select from outrider.events e where e.job_id = a.job_id and e.generation = a.generation and e.kind = 'intent')
union all select count(*), 'attempts that the provider took twice'
  from (select from accepted group by job_id, generation having count(*) > 1) twice
union all select count(*), 'addresses messaged again on a channel without "next: resend"'
  from (select address, channel, min(job_id) as job_id, count(*) as times from accepted group by address, channel) a
  left join resends r using (job_id, channel) where a.times > 1 + coalesce(r.times, 0)
union all select count(*), 'deliveries the ledger knows nothing of'
  from outrider.events e where e.kind = 'outcome' and e.code = 'delivered'
   and not exists (select from accepted a where a.job_id = e.job_id and a.channel = e.channel);

\pset border 1
\pset linestyle unicode
\pset footer off
\echo 'Outcomes'
select code as outcome, count(*) as jobs from outrider.events where kind = 'outcome' group by code order by 2 desc;
\echo 'Attempts whose worker stopped, or whose answer nobody knows, and what became of them'
with doubtful as (
    select distinct on (e.job_id, e.generation) e.status as answer,
           case when exists (select from outrider.events r where r.job_id = e.job_id and r.generation = e.generation
                                and (r.kind = 'receipt' or r.kind = 'answer' and r.status = 'accepted')) then 'settled: it had been taken'
                else coalesce((select code || ': ' || reason from outrider.events x where x.job_id = e.job_id
                                  and x.generation = e.generation and x.kind = 'next'), 'ended as unknown') end as then
      from outrider.events e where e.kind = 'answer' and e.status in ('lost', 'unknown')
     order by e.job_id, e.generation, e.status
)
select answer, "then", count(*) as attempts from doubtful group by 1, 2 order by 1, 3 desc;
\echo 'Checks'
select case wrong when 0 then 'ok' else 'found ' || wrong end as result, 'no ' || what as rule from checks;
select coalesce(sum(wrong), 0) = 0 as all_right, (select count(*) from accepted) as accepted from checks \gset
\if :all_right
\echo :accepted 'requests taken by the providers; every rule holds'
\else
do $$ begin raise exception 'a rule does not hold'; end $$;
\endif
