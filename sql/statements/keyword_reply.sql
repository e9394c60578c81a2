-- What is answered to a word that was sent to this number of ours: the reply of its tenant, else that of every tenant.
-- A number of several tenants has the common one.
--
-- $1 our number, $2 stop, start or help.
-- Run by outrider_gateway.
select r.reply
  from outrider.keyword_replies r
 where r.keyword = $2
   and (r.tenant = '' or r.tenant = (select t[1] from outrider.tenants_of_number($1) as t where cardinality(t) = 1))
 order by r.tenant desc limit 1
