/// Rows such as a busy queue has: jobs in every state, in four partitions, and the small tables around them.
enum Filling {
    /// Without autovacuum, so that the statistics are those that the test makes.
    static let quiet = """
        do $$
        declare part regclass;
        begin
            for part in select c.oid from pg_class c join pg_namespace n on n.oid = relnamespace
                         where nspname = 'outrider' and relkind = 'r' loop
                execute format('alter table %s set (autovacuum_enabled = false)', part);
            end loop;
        end $$
        """

    /// A queue on its first day.
    static let few = """
        insert into outrider.senders (name, channel, address, rate_per_second)
        values ('s1', 'sms', '+15550000001', null), ('s2', 'sms', '+15550000002', 10);
        insert into outrider.workers (id, host, process_id, version) values ('w1', 'test', 1, 'test');
        insert into outrider.jobs (channel, address, body, category)
        select 'sms', '+1888' || lpad(n::text, 7, '0'), 'Hello', 'transactional' from generate_series(1, 200) n
        """

    /// A quarter each is ended, queued, waiting for a receipt, and to be decided. Of the last some are held.
    static let jobs = """
        insert into outrider.jobs (id, channel, address, body, category)
        select n % 4 * 5000000 + n, 'sms', '+1555' || lpad(n::text, 7, '0'), 'Hello', 'transactional'
          from generate_series(1001, 41000) n;
        select setval('outrider.jobs_id_seq', 50000);
        create temporary table filled as
        select id, id % 5000000 / 4 % 4 as state, id % 5000000 % 500 = 0 as is_held from outrider.jobs where id > 1000;
        insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, worker, token)
        select id, 1, 'intent', 'taken', 0, 'sms', 1, 'w1', gen_random_uuid() from filled where state <> 1;
        insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, provider_id, class)
        select id, 1, 'answer', case state when 3 then 'refused' else 'accepted' end, 0, 'sms', 1,
               case when state <> 3 then 'SM' || md5(id::text) end, case state when 3 then 'transient' end
          from filled where state <> 1;
        insert into outrider.events (job_id, generation, kind, status, step, channel, provider_id, level)
        select id, 1, 'receipt', 'delivered', 0, 'sms', 'SM' || md5(id::text), 'delivered' from filled where state = 0;
        insert into outrider.events (job_id, generation, kind, status, channel, code, at)
        select id, 0, 'outcome', 'ended', 'sms', 'delivered', clock_timestamp() - random() * interval '10 days'
          from filled where state = 0;
        insert into outrider.events (job_id, generation, kind, status, step, channel, reason)
        select id, 1, 'held', 'held', 0, 'sms', 'test' from filled where state = 3 and is_held;
        delete from outrider.due d using filled f where d.job_id = f.id and f.state <> 1;
        insert into outrider.due (at, job_id, lane, reason, step, generation)
        select clock_timestamp(), id, case state when 2 then 6 else 2 end, case state when 2 then 'receipt' else 'decide' end, 0, 1
          from filled where state = 2 or state = 3 and not is_held;
        drop table filled;
        insert into outrider.suppressions (address, channel, reason, source)
        select '+1666' || lpad(n::text, 7, '0'), 'sms', 'test', 'test' from generate_series(1, 20000) n;
        insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword)
        select 'SM' || n, 'sms', '+1666' || lpad(n::text, 7, '0'), '+15550000001', 'stop' from generate_series(1, 20000) n;
        insert into outrider.adopted_sends (provider_id, tenant, job_id, generation)
        select 'SM' || md5(n::text), 'default', n, 1 from generate_series(1, 5000) n;
        insert into outrider.open_sends (likeness, key, tenant, job_id, generation)
        select -n, n * 7919, 'default', n, 1 from generate_series(1, 5000) n;
        insert into outrider.rate_windows (sender_id, slot, worker) select 2, n, 'w1' from generate_series(1, 5000) n;
        insert into outrider.campaign_rate_windows (campaign_id, slot, share, worker)
        select 4711, n, s, 'w1' from generate_series(1, 5000) n cross join generate_series(0, 9) s
        """

    /// Makes PostgreSQL believe that each table has ten million rows.
    static let tenMillion = """
        update pg_class set relpages = 1, reltuples = 1e7 / greatest(pg_relation_size(oid) / 8192, 1)
         where relnamespace = 'outrider'::regnamespace and relkind in ('r', 'i')
        """

    /// Makes PostgreSQL believe that all rows have the same value in every column.
    static let allAlike = """
        update pg_statistic set stadistinct = 1, stakind1 = 0, stakind2 = 0, stakind3 = 0
         where starelid in (select oid from pg_class where relnamespace = 'outrider'::regnamespace)
        """

    /// What a busy queue does in a while.
    static let steps = [
        """
        insert into outrider.jobs (channel, address, body, category)
        select 'sms', '+1777' || lpad(n::text, 7, '0'), 'Hello', 'transactional' from generate_series(1, 2000) n
        """,
        "delete from outrider.due where ctid in (select ctid from outrider.due where lane > 15 order by lane, at limit 3000)",
        """
        insert into outrider.due (at, job_id, lane, reason, step, generation)
        select clock_timestamp(), job_id, lane, reason, step, generation from outrider.due where lane in (2, 6) limit 2000
        """,
        "delete from outrider.suppressions where id % 3 = 0",
        "delete from outrider.open_sends where job_id % 2 = 0",
        "analyze outrider.due", "analyze outrider.jobs", "analyze outrider.events", "analyze outrider.suppressions",
        "analyze outrider.open_sends", "analyze outrider.jobs_1", "analyze outrider.events_2", "analyze",
    ]
}
