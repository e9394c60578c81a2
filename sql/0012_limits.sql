-- A full disk is found by who asks; and a login may be kept from what is urgent.

-- A temporary table takes new pages of the disk, where a row of any other table may find room in an old one. It stands where
-- the database's own tables stand, whatever temp_tablespaces says. 1,000 characters are not compressed.
create function outrider.try_write() returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set temp_tablespaces = '' as $$
begin
    create temporary table outrider_try_write (filler text);
    insert into outrider_try_write select repeat('x', 1000) from generate_series(1, 200);
    drop table outrider_try_write;
    return true;
end $$;
comment on function outrider.try_write() is 'Writes some pages and drops them: fails as any write would when the disk is full.';
revoke all on function outrider.try_write() from public;
grant execute on function outrider.try_write() to outrider_worker, outrider_gateway, outrider_operator;

-- ---------------------------------------------------------------------------------------------------------------
-- Who may be urgent. Where tenants share a database, one that calls its offers urgent would hold up the others' passwords.

alter table outrider.tenant_roles add column most_urgent smallint not null default 0,
    add constraint most_urgent_must_be_0_to_3 check (most_urgent between 0 and 3);
comment on column outrider.tenant_roles.most_urgent is 'The most urgent priority that the login may ask for, by category or by number: 0 allows one-time passwords, 1 alerts, 2 transactional messages, 3 marketing only.';

create function outrider.refuse_urgency() returns trigger
    language plpgsql security definer set search_path = pg_catalog, outrider, pg_temp as $$
declare
    allowed constant smallint := (select most_urgent from tenant_roles where role_name = session_user and most_urgent > 0);
begin
    -- A login without a limit reads no row.
    if allowed is not null and exists (select from new_jobs where outrider.job_priority(category, priority) < allowed) then
        raise exception 'priority_must_be_allowed: this login may ask for priority % at most', allowed using
            errcode = 'insufficient_privilege', constraint = 'priority_must_be_allowed',
            hint = 'Choose a less urgent category or priority, or ask an operator to lower most_urgent in outrider.tenant_roles.';
    end if;
    return null;
end $$;
comment on function outrider.refuse_urgency() is 'Keeps a login from more urgent priorities than outrider.tenant_roles allows it. Once per statement.';
revoke all on function outrider.refuse_urgency() from public;
create trigger jobs_are_as_urgent_as_allowed after insert on outrider.jobs
    referencing new table as new_jobs for each statement execute function outrider.refuse_urgency();
