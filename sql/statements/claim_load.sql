-- Takes on a load of an audience that no worker works on.
-- Run by outrider_worker.
select load_id, holder::text as holder, campaign, audience, is_ladder, failures from outrider.claim_load()
