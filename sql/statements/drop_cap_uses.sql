-- Drops what no cap counts any more, at most 50,000 rows of each, hits of more than 14 days ago, and rows that were locked an hour
-- ago and are not now. It goes from cap to cap by the index, so rows that still count are not read.
-- Run by outrider_worker.
with recursive hits as (
    delete from outrider.cap_hits where at < clock_timestamp() - interval '14 days'
), locks as (
    delete from outrider.cap_locks l
     where l.ctid = any (array(
               select o.ctid from outrider.cap_locks o where o.at < clock_timestamp() - interval '1 hour' limit 50000 for update skip locked))
), used (id) as (
    select min(cap_id) from outrider.cap_uses
    union all
    select (select min(u.cap_id) from outrider.cap_uses u where u.cap_id > used.id) from used where used.id is not null
)
delete from outrider.cap_uses u
 where u.ctid = any (array(
           select x.place from used left join outrider.caps c on c.id = used.id
            cross join lateral (
                  select o.ctid as place from outrider.cap_uses o
                   where o.cap_id = used.id
                     and o.at < coalesce(clock_timestamp() - make_interval(secs => c.span_seconds + 60), 'infinity')
                   limit 50000) x))
