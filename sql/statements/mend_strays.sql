-- Gives jobs their due row back that lost it, or never had one: rows that replication brought, or that came while triggers
-- were off.
-- Run by outrider_worker.
select outrider.mend_strays() as mended
