-- Takes on the search for jobs that lost their due row, or never had one: rows that replication brought, or that came while
-- triggers were off. No row while another worker searches, or did so lately.
-- Run by outrider_worker.
select after from outrider.begin_stray_walk() as after where after is not null
