import Foundation
import Postgres
import TestDatabase
import Testing

/// The built program, on what is kept about one person.
@Suite("Erasure and access", .timeLimit(.minutes(5)))
struct PrivacyTests {
    private static let address = "+15005550010"

    private static func program() async throws -> (Program, PostgresPool) {
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.jobs (channel, address, body, idempotency_key)
                values ('sms', '\(address)', 'secret 918273', 'offer/\(address)'), ('sms', '+15005550011', 'another', null);
                insert into outrider.jobs (kind, ladder, phone, email, body)
                values ('notify', 'standard', '\(address)', 'ann@example.com', 'secret 918273');
                insert into outrider.events (job_id, generation, kind, status, code) values (1, 0, 'outcome', 'ended', 'delivered');
                insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword)
                values ('SM1', 'sms', '\(address)', '+15005550006', null), ('SM2', 'sms', '\(address)', '+15005550006', 'stop');
                insert into outrider.whatsapp_windows values ('\(address)', '+15005550006', now());
                insert into outrider.open_calls (address, job_id, generation, tenant) values ('\(address)', 1, 1, 'default');
                insert into outrider.opt_out_wishes (provider_id, channel, address, to_address, text)
                values ('SM3', 'sms', '\(address)', '+15005550006', 'secret 918273');
                insert into outrider.dead_addresses (address, channel, class, code, job_id, until)
                values ('\(address)', 'sms', 'landline', '30006', 1, now() + interval '1 day');
                insert into outrider.number_lookups (address, package, found, good_until)
                values ('\(address)', 'line_type', 'mobile', now() + interval '90 days');
                select outrider.suppress('\(address)'), outrider.add_consent('\(address)', 'voice', 'marketing', 'Yes', 'form')
                """)
        return (Program(environment: ["OUTRIDER_DATABASE_URL": url]), pool)
    }

    private static func count(_ sql: String, _ pool: PostgresPool) async throws -> Int {
        try await pool.fetch(Statement(name: "count \(sql.hashValue)", sql: "select count(*) as n from \(sql)"))[0].int(
            "n")
    }

    @Test("an erasure leaves no address and no text but evidence, and cancels only where it was told to")
    func erased() async throws {
        let (program, pool) = try await Self.program()
        let forget = ["forget", Self.address, "--reason", "letter"]
        let dry = try await program.run(forget + ["--dry-run", "--json"])
        #expect(dry.status == 0 && dry.output.contains("\"jobs\" : 2") && dry.output.contains("\"under_way\" : 1"))
        let refused = try await program.run(forget)
        #expect(refused.status == 65 && refused.errors.contains("--cancel") && !refused.errors.contains("5005550"))
        #expect(try await Self.count("outrider.jobs where body_purged_at is not null", pool) == 0)
        let done = try await program.run(forget + ["--cancel"])
        #expect(done.status == 0 && !done.output.contains("5005550"), "\(done.errors)")
        #expect(try await Self.count("outrider.jobs where address_purged_at is not null", pool) == 2)
        #expect(try await Self.count("outrider.jobs where address = '+15005550011' and body = 'another'", pool) == 1)
        for rest in [
            "outrider.jobs j where id <> 2 and strpos(to_jsonb(j)::text, '5550010') > 0",
            "outrider.jobs j where strpos(to_jsonb(j)::text, '918273') > 0",
            "outrider.jobs where email is not null", "outrider.idempotency_keys where strpos(key, '5550010') > 0",
            "outrider.inbound_messages where from_address <> '' and keyword is null", "outrider.whatsapp_windows",
            "outrider.open_calls", "outrider.dead_addresses", "outrider.number_lookups",
            "outrider.opt_out_wishes where text is not null",
            "outrider.privacy_events e where strpos(to_jsonb(e)::text, '5550010') > 0",
        ] { #expect(try await Self.count(rest, pool) == 0, "\(rest)") }
        #expect(try await Self.count("outrider.suppressions where lifted_at is null", pool) == 3)
        #expect(try await Self.count("outrider.consents", pool) == 1)
        #expect(try await Self.count("outrider.privacy_events where reason = 'letter'", pool) == 2)
        #expect(try await program.run("timeline", "1").output.contains("address purged on"))
        await pool.close()
    }

    @Test(
        "an export is one JSON document with all that is kept about the person and nothing of another, and is recorded")
    func exported() async throws {
        let (program, pool) = try await Self.program()
        let result = try await program.run("export", Self.address, "--reason", "letter")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
        let counts = document.compactMapValues { ($0 as? [Any])?.count }
        #expect(
            counts == [
                "jobs": 2, "inbound_messages": 2, "suppressions": 3, "consents": 1, "opt_out_wishes": 1,
                "whatsapp_windows": 1, "open_calls": 1, "dead_addresses": 1, "number_lookups": 1,
                "witnessed_messages": 0, "schedules": 0,
                "privacy_events": 1,
            ])
        #expect(result.output.contains("secret 918273") && !result.output.contains("another"))
        #expect(try await Self.count("outrider.privacy_events where what = 'exported'", pool) == 1)
        #expect(try await program.run("export", "0150", "--reason", "x").status == 65)
        await pool.close()
    }

    @Test("each column that may hold an address or a text stands in the table of what is kept")
    func columns() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(url: try await PostgresServer.migratedDatabase(), poolSize: 1))
        let named = try Document.contract.table(below: "Columns that hold an address or a text")
            .flatMap { "`\($0.cells[0])`".matches(of: #/`([a-z0-9_]+\.[a-z0-9_]+)`/#).map { String($0.1) } }
        let columns = try await pool.fetch(
            Statement(
                name: "personal columns",
                sql: #"""
                    select c.table_name || '.' || c.column_name as name from information_schema.columns c
                      join information_schema.tables t using (table_schema, table_name)
                     where c.table_schema = 'outrider' and t.table_type = 'BASE TABLE' and c.table_name !~ '_[0-9]+$'
                       and c.column_name ~ '(^sealed$|address|phone|email|body|text|subject|^data$|metadata|detail|definition|media_urls|html|^note$|key$|digest|reply|display_name|problem|description|^error$|report$|fault|reason$)'
                       and c.data_type in ('text', 'jsonb', 'ARRAY', 'uuid', 'bigint')
                    """#)
        ).map { try $0.string("name") }
        try #require(columns.count > 40)
        for column in columns where !named.contains(column) {
            Issue.record("sql/README.md does not say how long \(column) is kept")
        }
        await pool.close()
    }
}
