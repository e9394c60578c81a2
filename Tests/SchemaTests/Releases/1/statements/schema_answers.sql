-- Answers when the database does, and has our schema.
-- Run by outrider_gateway, outrider_operator.
select count(*) as count from (select from outrider.workers limit 1) w
