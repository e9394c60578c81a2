-- What a suppression binds, and who lifted it. Only `suppressions` is locked here, for a moment: nothing is read or rewritten.

set local lock_timeout = '5s';

alter table outrider.suppressions
    add column category text not null default '',
    add column lifted_by text,
    add column lift_reason text,
    add constraint suppression_category_must_be_empty_or_a_category_of_jobs
        check (category in ('', 'otp', 'alert', 'transactional', 'marketing')) not valid;
comment on column outrider.suppressions.category is 'Which messages it stops; empty is every category.';
comment on column outrider.suppressions.lifted_by is 'Who allowed contact again: the inbound message of a START, the provider''s list, or an operator by name. Null where a release before this column lifted it.';
comment on column outrider.suppressions.lift_reason is 'Why: start, resubscribed, or the operator''s words.';
grant update (lifted_by, lift_reason) on outrider.suppressions to outrider_worker, outrider_gateway;
