import Foundation
import Postgres
import Schema
import TestDatabase
import Testing

@Suite("The embedded schema")
struct SchemaTests {
    @Test("it is the files of sql/, all of them, in order")
    func embedded() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "sql")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".sql") }
            .sorted()
        try #require(names.count == Schema.migrations.count)
        for (name, migration) in zip(names, Schema.migrations) {
            let number = String(migration.number)
            #expect(name == String(repeating: "0", count: 4 - number.count) + number + "_\(migration.name).sql")
            #expect(try String(contentsOf: folder.appending(path: name), encoding: .utf8) == migration.sql)
        }
    }

    @Test("what a CHECK calls finds PostgreSQL's own functions, whatever the search path of whoever inserts")
    func pinned() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.migratedDatabase(), poolSize: 1))
        let loose = Statement(
            name: "test.loose",
            sql: """
                select p.proname as name from pg_depend d
                  join pg_constraint c on c.oid = d.objid and d.classid = 'pg_constraint'::regclass
                  join pg_proc p on p.oid = d.refobjid and d.refclassid = 'pg_proc'::regclass
                 where p.pronamespace = 'outrider'::regnamespace and p.prosqlbody is null
                   and not coalesce(array_to_string(p.proconfig, ',') like '%search_path=%', false)
                """)
        for row in try await pool.fetch(loose) { Issue.record("\(try row.string("name")) is not pinned") }
        let long = "https://example.com/" + String(repeating: "a", count: 2_100)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.run(
                script: """
                    create schema evil;
                    create function evil.length(text) returns integer language sql immutable return 1;
                    set search_path = evil, pg_catalog;
                    insert into outrider.jobs (channel, address, body, media_urls)
                    values ('sms', '+15005550010', 'x', array['\(long)']);
                    """)
        }
        guard case .server(_, _, let constraint)? = error else { throw try #require(error) }
        #expect(constraint == "media_urls_must_be_http_urls")
        await pool.close()
    }
}
