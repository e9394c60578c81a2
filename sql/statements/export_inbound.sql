-- Messages of people, each as JSON. $1 their ids.
-- Run by outrider_operator.
select id, record from outrider.export_inbound($1::text[])
