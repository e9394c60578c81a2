-- Takes a message that a listing showed for one attempt, once and for all. No other attempt may have it, neither by an
-- answer nor by an earlier listing.
--
-- - The primary key is the fence between two workers that find the same message.
-- - An attempt that was given up takes no message: what the listing shows may be its repeat.
-- - While another job's send is open that may have made the message (`LookAlikes`), nobody takes it. A send whose answer
--   or receipt is there has a message of its own, even if its row is not gone yet.
-- - A send that begins after this statement's snapshot made no message that a listing has shown before.
--
-- $1 the provider's id, $2 job id, $3 attempt, $4 tenant. The look-alikes: $5 likeness, $6 and $7 begun from and until in µs
-- (null: whenever), $8 content (null: whatever they say).
-- Run by outrider_worker.
with facts as materialized (
    select exists (select from outrider.adopted_sends
                    where provider_id = $1 and job_id = $2 and generation = $3) as is_ours,
           exists (select from outrider.adopted_sends
                    where provider_id = $1 and (job_id, generation) <> ($2::bigint, $3::integer))
           or exists (select from outrider.events e
                       where hashtext(e.provider_id) = hashtext($1) and e.provider_id = $1 and e.kind <> 'receipt'
                         and (e.job_id, e.generation) <> ($2::bigint, $3::integer))
           or exists (select from outrider.events e
                       where e.job_id = $2
                         and (e.generation = $3 and e.kind || '' in ('next', 'held')
                              or e.generation = 0 and e.kind || '' = 'outcome') offset 0) as is_anothers,
           exists (select from outrider.open_sends o
                    where o.likeness = $5 and o.job_id <> $2
                      and (o.since >= to_timestamp($6::bigint / 1000000.0)) is not false
                      and (o.since <= to_timestamp($7::bigint / 1000000.0)) is not false
                      and (o.content = $8::integer) is not false
                      and not exists (select from outrider.events e
                                       where e.job_id = o.job_id and e.generation = o.generation
                                         and (e.kind || '' = 'receipt' and e.provider_id is not null
                                              or e.kind || '' = 'answer'
                                                 and e.status || '' in ('accepted', 'refused', 'not_sent', 'skipped'))
                                       offset 0)
                    offset 0) as is_contested
), adopted as (
    insert into outrider.adopted_sends (provider_id, tenant, job_id, generation)
    select $1, $4, $2, $3 from facts where not (is_ours or is_anothers or is_contested)
    on conflict do nothing returning 1
)
select case when is_ours or exists (select from adopted) then 'ours'
            when is_contested and not is_anothers then 'contested' else 'anothers' end as adoption
  from facts
