-- Answers when the database does.
-- Run by outrider_app, outrider_worker, outrider_gateway, outrider_operator.
select 1 as answer
