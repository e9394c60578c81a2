import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("Migrations", .timeLimit(.minutes(5)))
struct MigrationTests {
    static let first = Migration(
        number: 1, name: "things",
        sql: """
            -- Several statements, comments and a function body, as psql takes them.
            CREATE TABLE outrider.things (id int PRIMARY KEY);
            CREATE FUNCTION outrider.two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; RETURN 2; END $$;
            """)
    static let second = Migration(number: 2, name: "rows", sql: "INSERT INTO outrider.things VALUES (1);")
    static let column = Migration(
        number: 2, name: "column", sql: "ALTER TABLE outrider.things ADD COLUMN note text NOT NULL DEFAULT '';")
    static let insert = Statement(name: "t.insert", sql: "INSERT INTO outrider.things (id) VALUES ($1)")
    static let count = Statement(name: "t.count", sql: "SELECT count(*) AS n FROM outrider.things")

    @Test("each migration is applied once, also by several processes at a time")
    func once() async throws {
        let pool = try await pool()
        let migrations = try Migrations([Self.first, Self.second])
        #expect(try await Migrations.applied(in: pool) == [])
        #expect(try await migrations.pending(in: pool).map(\.number) == [1, 2])
        async let left = migrations.apply(through: pool)
        async let right = migrations.apply(through: pool)
        #expect(try await (left + right).sorted() == [1, 2])
        #expect(try await migrations.apply(through: pool) == [])
        #expect(try await pool.fetch(Self.count)[0].int("n") == 1)
        #expect(try await Migrations.applied(in: pool).map(\.name) == ["things", "rows"])
        await pool.close()
    }

    @Test(
        "a database that is not UTF8 is refused with the remedy, and nothing is left in it",
        arguments: ["SQL_ASCII", "LATIN1"])
    func encoding(_ encoding: String) async throws {
        let server = try await pool()
        let name = "outrider_test_\(encoding.lowercased())_\(UInt32.random(in: 0...UInt32.max))"
        try await server.run(
            script: "CREATE DATABASE \(name) ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        let url = try #require(URL(string: try await PostgresServer.freshDatabase()))
        let pool = PostgresPool(
            PostgresConfiguration(
                url: url.deletingLastPathComponent().appending(path: name).absoluteString, poolSize: 1))
        let error = await #expect(throws: PostgresError.self) {
            _ = try await Migrations([Self.first]).apply(through: pool)
        }
        #expect("\(try #require(error))".contains("\(encoding), and Outrider needs UTF8: createdb -E UTF8"))
        #expect(try await Migrations.applied(in: pool) == [])
        let schemas = Statement(
            name: "t.schemas", sql: "SELECT count(*) AS n FROM pg_namespace WHERE nspname = 'outrider'")
        #expect(try await pool.fetch(schemas)[0].int("n") == 0)
        await pool.close()
        await server.close()
    }

    @Test("a schema that is older or newer than the program is told apart, each with its remedy")
    func fit() async throws {
        let pool = try await pool()
        let both = try Migrations([Self.first, Self.second])
        #expect(try await both.fit(in: pool) == .older(by: 2))
        _ = try await Migrations([Self.first]).apply(through: pool)
        #expect(try await both.fit(in: pool) == .older(by: 1))
        _ = try await both.apply(through: pool)
        #expect(try await both.fit(in: pool) == .upToDate(2))
        #expect(try await Migrations([Self.first]).fit(in: pool) == .newer(database: 2, program: 1))
        #expect(Migrations.Fit.newer(database: 2, program: 1).remedy?.contains("Install the version") == true)
        await pool.close()
    }

    @Test("a migration changed after it was applied is refused by name")
    func changed() async throws {
        let pool = try await pool()
        _ = try await Migrations([Self.first]).apply(through: pool)
        let edited = Migration(number: 1, name: "things", sql: Self.first.sql + " ")
        let error = try await failure { try await Migrations([edited, Self.second]).apply(through: pool) }
        #expect(error == .migration("migration 1 (things) was changed after it was applied"))
        #expect(try await Migrations.applied(in: pool).count == 1)
        await pool.close()
    }

    @Test("a failing migration leaves nothing behind, and those before it stay")
    func failing() async throws {
        let pool = try await pool()
        let broken = Migration(
            number: 2, name: "broken", sql: "INSERT INTO outrider.things VALUES (7); SELECT 1 / 0;")
        let error = try await failure { try await Migrations([Self.first, broken]).apply(through: pool) }
        #expect(error.sqlState?.code == "22012")
        #expect(try await Migrations.applied(in: pool).map(\.number) == [1])
        #expect(try await pool.fetch(Self.count)[0].int("n") == 0)
        await pool.close()
    }

    @Test("a migration that ends its own transaction is refused")
    func commits() async throws {
        let pool = try await pool()
        let committing = Migration(number: 1, name: "commits", sql: "SELECT 1; COMMIT;")
        let error = try await failure { try await Migrations([committing]).apply(through: pool) }
        #expect(error == .migration("migration 1 (commits) ends its transaction: remove BEGIN and COMMIT"))
        #expect(try await Migrations.applied(in: pool) == [])
        await pool.close()
    }

    @Test("a migration below an applied one is refused, and so is a list out of order")
    func order() async throws {
        let pool = try await pool()
        let later = Migration(number: 3, name: "later", sql: "SELECT 1")
        _ = try await Migrations([Self.first, later]).apply(through: pool)
        let error = try await failure { try await Migrations([Self.first, Self.second, later]).apply(through: pool) }
        #expect(error == .migration("migration 2 (rows) is missing below a newer one that is applied"))
        #expect(throws: PostgresError.self) { try Migrations([Self.second, Self.first]) }
        await pool.close()
    }

    @Test("while a migration waits for a table that somebody holds, applications go on; then it is applied")
    func locksLetOthersPass() async throws {
        let pool = try await pool()
        _ = try await Migrations([Self.first]).apply(through: pool)
        let waits = AsyncStream<String>.makeStream()
        let application = PostgresPool(
            PostgresConfiguration(url: pool.configuration.url, applicationName: "holder", poolSize: 2))
        try await application.transaction { holder in
            try await holder.execute(Self.insert, [.int(1)])
            async let applied = Migrations([Self.first, Self.column]).apply(
                through: pool, patience: Migrations.Patience(lock: .milliseconds(50))
            ) { waits.continuation.yield($0) }
            var told = waits.stream.makeAsyncIterator()
            let why = try #require(await told.next())
            #expect(why.hasPrefix("migration 2 (column) waits for a lock. The oldest transaction that holds one is "))
            #expect(why.hasSuffix("of PostgreSQL, holder."))
            // Without an end to the wait for the lock, each of these would wait for the holder.
            for number in 2...20 { try await application.execute(Self.insert, [.int(number)], deadline: .seconds(9)) }
            #expect(try await Migrations.applied(in: application).count == 1)
            try await holder.run(script: "COMMIT; BEGIN")
            #expect(try await applied == [2])
        }
        #expect(try await pool.fetch(Self.count)[0].int("n") == 20)
        await application.close()
        await pool.close()
    }

    @Test("a migration that never gets its locks gives up at its deadline, changes nothing and says who holds them")
    func locksAreNotWaitedForForEver() async throws {
        let pool = try await pool()
        _ = try await Migrations([Self.first]).apply(through: pool)
        let application = PostgresPool(
            PostgresConfiguration(url: pool.configuration.url, applicationName: "holder", poolSize: 1))
        try await application.transaction { holder in
            try await holder.execute(Self.insert, [.int(1)])
            let error = try await failure {
                try await Migrations([Self.first, Self.column]).apply(
                    through: pool, patience: Migrations.Patience(deadline: .seconds(2), lock: .milliseconds(50)))
            }
            guard case .migration(let text) = error else { throw error }
            #expect(text.contains("process ") && text.contains(", holder."))
            #expect(text.hasSuffix("Nothing of it was changed. End that transaction, then run outrider migrate again."))
        }
        #expect(try await Migrations.applied(in: pool).map(\.number) == [1])
        await application.close()
        await pool.close()
    }

    @Test("file names give number and name")
    func fileNames() {
        #expect(Migration(fileName: "0002_due-rows.sql", sql: "") == Migration(number: 2, name: "due-rows", sql: ""))
        #expect(
            ["x.sql", "0001.sql", "0001_.sql", "0001_a.txt"].allSatisfy { Migration(fileName: $0, sql: "") == nil })
    }

    private func pool() async throws -> PostgresPool {
        PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 2))
    }
}
