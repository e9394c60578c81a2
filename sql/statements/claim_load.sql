-- Takes on a load that no worker works on: of an audience, or, where that is null, of those who were not reached.
-- Run by outrider_worker.
select load_id, holder::text as holder, campaign, audience, failures from outrider.claim_load()
