-- The publications that hold Outrider's tables: each with what it publishes too little of, when a table has no identity.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select p.pubname as name,
       coalesce(string_agg(p.tablename, ', ' order by p.tablename) filter (where c.relreplident = 'n'
           or c.relreplident = 'd' and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)), '') as lacking
  from pg_publication_tables p
  join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
 where p.schemaname = 'outrider'
 group by p.pubname order by p.pubname
