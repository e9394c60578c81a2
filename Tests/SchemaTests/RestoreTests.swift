import JobQueue
import Postgres
import TestDatabase
import Testing

/// Every row of a dump comes back, in whatever form it was made.
@Suite("Dump and restore", .timeLimit(.minutes(5)))
struct RestoreTests {
    /// Rows of every table that is not empty in a life. There are keys, campaigns, ladders of our own, a class that was
    /// corrected, a time zone and an address that another server may not take.
    private static let filling = """
        insert into outrider.senders (name, channel, address) values
            ('s1', 'sms', '+15550000001'), ('m1', 'email', 'us@example.com'), ('v1', 'voice', '+15550000002');
        insert into outrider.tenant_roles (role_name, tenant) values ('shop', 'shop');
        select outrider.save_ladder('mine', '[{"channel": "sms"}, {"channel": "email"}]');
        insert into outrider.templates (name, channel, body) values ('t', 'sms', 'Hello {{name}}');
        update outrider.error_codes set class = 'filtered' where provider = 'twilio' and code = '30007';
        update outrider.quiet_hours set ends = '10:00' where name = 'us-federal';
        select outrider.allow_country('PL'), outrider.block_prefix('7999', 'test'), outrider.set_quiet_hours('pl', 'PL', '22:00', '6:00');
        insert into outrider.jobs (tenant, channel, address, body, category, idempotency_key, campaign)
        select 'shop', 'sms', '+1555000' || n + 1000, 'Hi ' || n, 'otp', 'key ' || n, case when n % 3 = 0 then 'spring' end
          from generate_series(1, 140) n;
        insert into outrider.jobs (kind, ladder, phone, email, template, data, time_zone, idempotency_key)
        values ('notify', 'mine', '+15550009999', 'Ann@Example.com', 't', '{"name": "Ann"}', 'Europe/Warsaw', 'ladder');
        update outrider.jobs set time_zone = 'Mars/Olympus' where idempotency_key = 'key 7';
        update outrider.jobs set email = E'a\\u00a0b@example.com', created_at = '2025-01-01' where idempotency_key = 'ladder';
        select outrider.suppress('bob@example.com'); select outrider.cancel(3);
        select outrider.pause_campaign('spring', 'test', 'shop');
        insert into outrider.whatsapp_windows values ('+15550000011', '+15550000001', now());
        insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword)
        values ('SM1', 'sms', '+15550000011', '+15550000001', 'stop')
        """

    /// What each table holds, in any order. When the rows of the migrations were put there, and which server this is, differ.
    private static func contents(_ stand: Stand) async throws -> [String: String] {
        let tables = try await stand.admin.fetch(
            Statement(
                name: "tables",
                sql: """
                    select relname as name from pg_class where relnamespace = 'outrider'::regnamespace and not relispartition
                       and relkind in ('r', 'p') and relname not in ('installation', 'schema_migrations', 'witness', 'stray_walk')
                     order by 1
                    """)
        ).map { try $0.string("name") }
        #expect(tables.count > 25)
        var contents: [String: String] = [:]
        for table in tables {
            // How often the rules of contact were changed is this database's own.
            let row =
                ["ladders": "to_jsonb(t) - 'created_at'", "contact_settings": "to_jsonb(t) - 'version'"][table]
                ?? "to_jsonb(t)"
            contents[table] = try await stand.value(
                "select count(*) || ' ' || coalesce(md5(string_agg(r, ',' order by r)), '') from (select (\(row))::text as r from outrider.\(table) t) x"
            )
        }
        return contents
    }

    @Test("every row is there again", arguments: Copy.allCases.filter { $0 != .inPlace && $0 != .template })
    func rows(copy: Copy) async throws {
        let source = try await PostgresServer.migratedDatabase()
        var before: [String: String] = [:]
        try await Stand.with(source) { stand async throws in
            try await stand.run(Self.filling)
            before = try await Self.contents(stand)
        }
        try await Stand.with(try await copy.make(of: source)) { stand async throws in
            let after = try await Self.contents(stand)
            for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
            #expect(try await stand.number("select count(*) from outrider.jobs") == 141)
            #expect(try await stand.number("select count(*) from outrider.stranded_jobs()") == 0)
            try await stand.run("select outrider.adopt('a test')")
            // What the migration's own checks said is checked again.
            await #expect(throws: PostgresError.self) {
                try await stand.run(
                    "insert into outrider.jobs (channel, address, body, time_zone) values ('sms', '+15550000011', 'x', 'Mars/Olympus')"
                )
            }
            #expect(try await stand.number("outrider.save_ladder('mine', '[{\"channel\": \"voice\"}]')") == 2)
        }
    }

    @Test("no CHECK asks the server's own files or the locale")
    func checks() async throws {
        try await Stand.with { stand async throws in
            let checks = try await stand.admin.fetch(
                Statement(
                    name: "checks",
                    sql: """
                        select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
                         where connamespace = 'outrider'::regnamespace and contype = 'c'
                        """))
            #expect(checks.count > 50)
            for check in checks {
                let (name, definition) = (try check.string("name"), try check.string("definition"))
                #expect(!definition.contains("is_time_zone"), "\(name)")
                #expect(!definition.contains("[:") || definition.contains("COLLATE \"C\""), "\(name)")
                #expect(!definition.contains(/[^_]lower[(]/), "\(name)")
            }
        }
    }

    @Test("jobs that came without a due row are found and given one, once they are a minute old, and no others")
    func strays() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(Self.filling)
            let home = HomeStore(pool: stand.worker)
            try await stand.run(
                """
                set local session_replication_role = replica;
                insert into outrider.jobs (tenant, channel, address, body, category, created_at)
                values ('shop', 'sms', '+15550000011', 'x', 'otp', now() - interval '2 minutes'),
                       ('shop', 'sms', '+15550000012', 'young', 'otp', now())
                """)
            #expect(try await home.mendStrays() == 1)
            #expect(
                try await stand.value(
                    "select j.body from outrider.due d join outrider.jobs j on j.id = d.job_id where d.job_id > 141")
                    == "x")
            #expect(try await home.mendStrays() == 0, "not twice in a minute")
            try await stand.run(
                // But for the row of before the rules of addresses, which would have to keep them.
                "update outrider.stray_walk set look_at = now(); update outrider.jobs set created_at = now() - interval '2 minutes' where kind = 'send'"
            )
            #expect(try await home.mendStrays() == 1)
            #expect(try await stand.number("select found from outrider.stray_walk") == 2)
            #expect(try await stand.number("select count(*) from outrider.stranded_jobs()") == 0)
            #expect(try await stand.number("select count(*) from outrider.due") == 143)
        }
    }
    @Test(
        "the search for strays writes nothing, and compares no due row with each candidate"
    )
    func strayWalk() async throws {
        try await Stand.with { stand async throws in
            try await stand.run(
                """
                insert into outrider.jobs (tenant, channel, address, body, category)
                select 'shop', 'sms', '+15550000011', 'x', 'marketing' from generate_series(1, 12000)
                """)
            #expect(
                try await stand.value(
                    """
                    select coalesce(pg_current_xact_id_if_assigned()::text, 'none')
                      from (select strays from outrider.find_strays(0) offset 0) as found where found.strays = '{}'
                    """) == "none")
            // Each due row compared with each candidate would take a hundred times as long as looking it up.
            let search = try await Self.median {
                _ = try await stand.value("select strays from outrider.find_strays(0, 6000)")
            }
            let look = try await Self.median {
                _ = try await stand.value(
                    "select count(*) from outrider.due where job_id in (select id from outrider.jobs)")
            }
            #expect(search / look < 25)
        }
    }

    private static func median(_ body: () async throws -> Void) async throws -> Double {
        var spans: [Double] = []
        for _ in 1...5 { spans.append(try await ContinuousClock().measure { try await body() } / .seconds(1)) }
        return spans.sorted()[2]
    }
}
