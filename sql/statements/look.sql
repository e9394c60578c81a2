-- The lanes in which something is due or will be, the first row of each, and whether they may be taken.
--
-- It steps from lane to lane along the index, so lanes without rows cost nothing, however many there are. Where this
-- worker has a floor, the step begins there: what lies below is dead. A paused lane is one step, whatever waits in it.
-- A sender, a rate or a pause that changes is seen by the next look. Every lane is closed while nobody has said that this
-- database, which was restored or copied, is the one to send from.
--
-- Until when a sender is paused, and whether a refusal of it is still remembered, is told with its rate: the worker decides
-- how fast it is tried after a pause. The campaign's rate is told with each of its lanes.
--
-- Whether the lane's campaign has a window is told, too: a take of it then asks for the zones' clocks. So is the version of the rules
-- of contact: a worker that has another one reads them before it takes.
--
-- The segments cover the whole index: each begins after a key and ends before a lane. $1 lanes, $2 times in µs and $3 jobs
-- of those keys, $4 lanes at which they end.
-- Run by outrider_worker.
with recursive found as (
    select n.*, s.until
      from unnest($1::integer[], $2::bigint[], $3::bigint[], $4::integer[]) as s (lane, at_us, job_id, until)
     cross join lateral (
           select d.lane, d.at, d.job_id from outrider.due d
            where (d.lane, d.at, d.job_id) > (s.lane, to_timestamp(s.at_us / 1000000.0), s.job_id) and d.lane < s.until
            order by d.lane, d.at, d.job_id limit (select 1)) n
    union all
    select n.*, f.until
      from found f
     cross join lateral (
           select d.lane, d.at, d.job_id from outrider.due d
            where (d.lane, d.at, d.job_id) > (f.lane, 'infinity'::timestamptz, 0::bigint) and d.lane < f.until
            order by d.lane, d.at, d.job_id limit (select 1)) n
)
select (extract(epoch from statement_timestamp()) * 1000000)::bigint as present,
       (select version from outrider.contact_settings where is_one) as rules_version,
       f.lane, (extract(epoch from f.at) * 1000000)::bigint as due_at, f.job_id,
       l.purpose, l.priority, l.sender_id, l.campaign_id, s.channel,
       s.rate_per_second::double precision as rate, s.refused_jobs <> '{}' as is_refused,
       case when isfinite(s.paused_until) then (extract(epoch from s.paused_until) * 1000000)::bigint end as paused_until,
       c.rate_per_second::double precision as campaign_rate,
       coalesce(s.enabled and (s.paused_until is null or s.paused_until <= statement_timestamp()), l.sender_id is null)
       and c.paused_at is null
       and (select outrider.is_adopted()) as is_open,
       exists (select from outrider.campaign_windows w where w.campaign_id = l.campaign_id offset 0) as has_window
  from (select) as always
  left join found f on true
  left join lateral (select * from outrider.lanes where id = f.lane offset 0) l on true
  left join lateral (select * from outrider.senders where id = l.sender_id offset 0) s on true
  left join lateral (select paused_at, rate_per_second from outrider.campaigns where id = l.campaign_id offset 0) c on true
