-- Categories of which something is never purged, and by how much the purge is behind.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select what, subject from outrider.retention_state()
