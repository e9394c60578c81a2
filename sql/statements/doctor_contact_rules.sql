-- Rules of contact that an operator should look at.
-- Run by outrider_worker, outrider_gateway, outrider_operator.
select what, subject from outrider.doubtful_contact_rules()
