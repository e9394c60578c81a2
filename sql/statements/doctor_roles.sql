-- Which of Outrider's roles are missing, which this login has, and which login and database it is.
-- Run by outrider_app, outrider_worker, outrider_gateway, outrider_operator.
with wanted (name) as (
    values ('outrider_app'), ('outrider_worker'), ('outrider_gateway'), ('outrider_operator')
), state as (
    select name, exists (select from pg_roles where rolname = name) as is_there from wanted
)
select coalesce(array_agg(name order by name) filter (where not is_there), '{}') as missing,
       coalesce(array_agg(name order by name) filter (where is_there and pg_has_role(
           current_user, (select oid from pg_roles where rolname = name), 'member')), '{}') as held,
       (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
       session_user::text as login,
       -- The time of the start tells servers apart that listen alike.
       format('%s %s', current_database(), extract(epoch from pg_postmaster_start_time())) as database
  from state
