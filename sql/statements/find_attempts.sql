-- Whose messages these ids are, for news that names nothing else: a mail that bounces late comes without our arguments.
--
-- $1 the provider's ids.
-- Run by outrider_gateway.
select distinct on (g.n) g.provider_id, i.job_id, i.generation, i.token::text as token
  from unnest($1::text[]) with ordinality as g (provider_id, n)
 cross join lateral (
       select e.job_id, e.generation from outrider.events e
        where hashtext(e.provider_id) = hashtext(g.provider_id) and e.provider_id = g.provider_id and e.kind <> 'receipt'
        offset 0) e
 cross join lateral (
       select i.job_id, i.generation, i.token from outrider.events i
        where i.job_id = e.job_id and i.generation = e.generation and i.kind = 'intent' and i.status = 'taken' offset 0) i
 order by g.n, i.job_id, i.generation
