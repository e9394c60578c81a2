-- Says whether this is still the database that the fleet knows: why nothing may be sent from it (null: all is well), what it
-- kept of this worker's last look, and what the providers' lists said. Keeps the new look.
--
-- $1 who looks, $2 the number of the look.
-- Run by outrider_worker.
with kept as (
    insert into outrider.watches (id, beat) values ($1::uuid, $2::bigint)
    on conflict (id) do update set beat = excluded.beat, at = clock_timestamp()
), old as (
    delete from outrider.watches where at < clock_timestamp() - interval '1 day' and id <> $1::uuid
)
select (select beat from outrider.watches where id = $1::uuid) as kept, outrider.displacement() as displacement,
       w.finished_at is not null as is_witnessed, w.fault, (select count(*) from outrider.witnessed_messages) as unknown
  from (select) as always left join outrider.witness w on true
