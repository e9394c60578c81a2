-- Drops windows of senders' and campaigns' rates that are over. One slower than the usual second is kept until the one after
-- it is over.
-- Run by outrider_worker.
with dropped as (
    delete from outrider.campaign_rate_windows w
     where w.taken_at < clock_timestamp() - interval '2 minutes'
       and not exists (select from outrider.campaigns c
                        where c.id = w.campaign_id
                          and w.taken_at >= clock_timestamp() - make_interval(secs => 2 / c.rate_per_second::double precision))
)
delete from outrider.rate_windows w
 where w.taken_at < clock_timestamp() - interval '2 minutes'
   and not exists (select from outrider.senders s
                    where s.id = w.sender_id
                      and w.taken_at >= clock_timestamp() - make_interval(secs => 2 / s.rate_per_second::double precision))
