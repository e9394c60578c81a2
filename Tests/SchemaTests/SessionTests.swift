import Inbox
import JobQueue
import Postgres
import Schema
import TestDatabase
import Testing

/// What a session, a database or another login may set or hold, and Outrider does not mind.
@Suite("Settings and locks of others", .timeLimit(.minutes(5)))
struct SessionTests {
    @Test(
        "functions say the same whatever the session of their caller says",
        arguments: [
            "standard_conforming_strings = off", "array_nulls = off", "search_path = nowhere", "DateStyle = 'German'",
            "IntervalStyle = sql_standard", "TimeZone = 'Asia/Kathmandu'", "extra_float_digits = -15",
            "bytea_output = escape", "transform_null_equals = on", "row_security = off",
            "default_transaction_isolation = 'repeatable read'",
        ])
    func functions(setting: String) async throws {
        try await Stand.with { stand async throws in
            try await stand.run(
                "insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001'), ('m1', 'email', 'us@example.com')"
            )
            try await stand.run(
                """
                set \(setting);
                insert into outrider.senders (name, channel, address) values ('s2', 'sms', '+15550000002'), ('m2', 'email', 'we@example.com');
                insert into outrider.jobs (channel, address, body, subject, category, data, time_zone, idempotency_key) values
                    ('sms', '+15550000011', repeat('[]{}\u{5C}^~|€', 20), null, 'otp', '{"a": null}', 'Europe/Warsaw', 'one'),
                    ('email', 'ANN@Example.com', 'Hi', 'Hi', 'alert', '{}', 'UTC', 'two');
                select outrider.suppress('+15550000019'), outrider.suppress('ANN@example.COM'), outrider.cancel(2);
                select outrider.save_ladder('mine', '[{"channel": "sms"}]'), outrider.retry(2), outrider.adopt('none');
                select count(*) from outrider.timeline(1); select count(*) from outrider.job_status; select outrider.begin_stray_walk();
                reset all
                """)
            #expect(try await stand.number("select cost from outrider.due where job_id = 1") == 3)
            #expect(
                try await stand.value(
                    "select string_agg(distinct address, ' ' order by address) from outrider.suppressions")
                    == "+15550000019 ann@example.com")
            #expect(try await stand.number("select count(*) from outrider.due") == 3)
        }
    }

    @Test("a session of ours has the settings that Outrider relies on, whatever the database says")
    func pinned() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let name = url.split(separator: "/").last.map(String.init) ?? ""
        try await Stand.with(url) { stand async throws in
            for setting in [
                "default_transaction_isolation = 'serializable'", "array_nulls = off",
                "standard_conforming_strings = off",
                "\"DateStyle\" = 'German'", "extra_float_digits = -15", "bytea_output = escape", "lock_timeout = 1",
                "transform_null_equals = on", "exit_on_error = on", "row_security = off", "synchronous_commit = off",
                "search_path = nowhere", "client_encoding = 'latin1'", "default_transaction_read_only = on",
            ] {
                try await stand.run("set default_transaction_read_only = off; alter database \(name) set \(setting)")
            }
            for role in ["outrider_worker", "outrider_gateway"] {
                let pool = Stand.pool(url, role, .pinned)
                let row = try await pool.fetch(Schema.statement("doctor_settings"))[0]
                #expect(try row.textArray("wrong") == [])
                await pool.close()
            }
        }
    }

    @Test("no advisory lock of another login makes a word of a person, a partition or a migration wait")
    func locks() async throws {
        let url = try await PostgresServer.migratedDatabase()
        try await Stand.with(url) { stand async throws in
            let other = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
            try await other.transaction { held async throws in
                // Every key that a name of ours could have given.
                try await held.run(
                    script: """
                        select pg_advisory_xact_lock(hashtextextended('outrider words of +15550000011', 0));
                        select pg_advisory_xact_lock(hashtext('outrider.create_partitions')), pg_advisory_xact_lock(hashtext('outrider.notify'));
                        select pg_advisory_xact_lock(8031453545228428658)
                        """)
                try await stand.gateway.transaction { words async throws in
                    _ = try await words.fetch(
                        Schema.statement("lock_words"), [.textArray(["+15550000011"])], deadline: .seconds(5))
                }
                _ = try await stand.worker.fetch(Schema.statement("create_partitions"), deadline: .seconds(5))
                let patience = Migrations.Patience(deadline: .seconds(5))
                #expect(
                    try await Migrations(Schema.migrations).apply(through: stand.admin, patience: patience) == [])
            }
            await other.close()
            let uses = try await stand.number(
                "select count(*) from pg_proc where pronamespace = 'outrider'::regnamespace and prosrc ~ 'pg_(try_)?advisory'"
            )
            #expect(uses == 0)
            #expect(Schema.statements.values.allSatisfy { !$0.sql.contains("advisory") })
        }
    }

    @Test("a publication of all tables stops nothing: each row of each table can be named to a subscriber")
    func publication() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(
                """
                create publication everything for all tables;
                insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001');
                insert into outrider.jobs (channel, address, body) values ('sms', '+15550000011', 'Hi'), ('sms', '+15550000012', 'Hi')
                """)
            // Without an identity PostgreSQL refuses each of these with 55000.
            try await stand.worker.run(script: "delete from outrider.due")
            #expect(try await stand.number("outrider.rebuild_due(10)") == 2)
            let nameless = try await stand.value(
                """
                select string_agg(c.relname, ' ' order by c.relname) from pg_class c
                 where c.relnamespace = 'outrider'::regnamespace and c.relkind in ('r', 'p')
                   and c.relreplident <> 'f'
                   and not (c.relreplident = 'd' and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary))
                """)
            #expect(nameless == nil)
        }
    }

    @Test("words of one person wait for each other, those of another do not")
    func words() async throws {
        try await Stand.with { stand async throws in
            let statement = Schema.statement("lock_words")
            try await stand.gateway.transaction { held async throws in
                _ = try await held.fetch(statement, [.textArray(["+15550000011"])])
                try await stand.worker.transaction { other async throws in
                    _ = try await other.fetch(statement, [.textArray(["+15550000012"])], deadline: .seconds(5))
                }
                await #expect(throws: PostgresError.self) {
                    _ = try await stand.worker.fetch(statement, [.textArray(["+15550000011"])], deadline: .seconds(1))
                }
            }
        }
    }

    @Test("the key of a retry cannot be taken beforehand, and a retry still takes it")
    func reservedKey() async throws {
        let url = try await PostgresServer.migratedDatabase()
        try await Stand.with(url) { stand async throws in
            let application = Stand.pool(url, "outrider_app", .custom)
            let insert = { (key: String) in
                "insert into outrider.jobs (channel, address, body, idempotency_key) values ('sms', '+15550000011', 'x', '\(key)')"
            }
            do {
                try await application.run(script: insert("outrider.retry/1"))
                Issue.record("the key was taken")
            } catch {
                #expect("\(error)".contains("idempotency_key_must_not_begin_with_outrider"))
            }
            try await application.run(script: insert("mine"))
            await application.close()
            let id = try await stand.number("outrider.job_of_key('mine')")
            try await stand.run("select outrider.cancel(\(id))")
            #expect(try await stand.number("outrider.retry(\(id))") == stand.number("outrider.retry(\(id))"))
        }
    }
}
