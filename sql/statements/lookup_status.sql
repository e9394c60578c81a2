-- Of which categories numbers are looked up, and how many told nothing of late.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select category, asks_line_type, holds_over, unanswered, code from outrider.lookup_status()
