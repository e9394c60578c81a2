-- Takes a message that a listing showed for one attempt, once and for all. No other attempt may have it, neither by an
-- answer nor by an earlier listing.
--
-- - The primary key is the fence between two workers that find the same message.
-- - An attempt that was given up takes no message: what the listing shows may be its repeat.
--
-- $1 the provider's id, $2 job id, $3 attempt, $4 tenant.
-- Run by outrider_worker.
with adopted as (
    insert into outrider.adopted_sends (provider_id, tenant, job_id, generation)
    select $1, $4, $2, $3
     where not exists (select from outrider.events e
                        where hashtext(e.provider_id) = hashtext($1) and e.provider_id = $1 and e.kind <> 'receipt'
                          and (e.job_id, e.generation) <> ($2::bigint, $3::integer))
       and not exists (select from outrider.events e
                        where e.job_id = $2
                          and (e.generation = $3 and e.kind || '' in ('next', 'held')
                               or e.generation = 0 and e.kind || '' = 'outcome') offset 0)
    on conflict do nothing returning 1
)
select exists (select from adopted)
    or exists (select from outrider.adopted_sends
                where provider_id = $1 and job_id = $2 and generation = $3) as is_ours
