import Postgres
import TestDatabase
import Testing

@Suite("Broken connections", .timeLimit(.minutes(5)))
struct LossTests {
    static let one = Statement(name: "t.one", sql: "SELECT 1 AS one")
    static let count = Statement(name: "t.count", sql: "SELECT count(*) AS n FROM t")
    static let insert = Statement(name: "t.insert", sql: "INSERT INTO t VALUES ($1)")

    @Test("after the server ended every connection the next call succeeds")
    func reconnect() async throws {
        let url = try await PostgresServer.freshDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, applicationName: "worker", poolSize: 4))
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 { group.addTask { _ = try await pool.fetch(Self.one) } }
            try await group.waitForAll()
        }
        let backends = Backends(url: url)
        try await backends.terminate("worker")
        for _ in 0..<8 { #expect(try await pool.fetch(Self.one)[0].int("one") == 1) }
        await pool.close()
        await backends.pool.close()
    }

    @Test("a reply lost after the commit is reported as unknown, and the row is there")
    func lostReply() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(script: "CREATE TABLE t (x int)")
        let error = try await failure {
            try await pool.run(
                script: "BEGIN; INSERT INTO t VALUES (1); COMMIT; SELECT pg_terminate_backend(pg_backend_pid())")
        }
        #expect(error.isOutcomeUnknown && !error.isRetryable)
        #expect(try await pool.fetch(Self.count)[0].int("n") == 1)
        await pool.close()
    }

    @Test("a connection lost inside a transaction had no effect")
    func lostTransaction() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(script: "CREATE TABLE t (x int)")
        let error = try await failure {
            try await pool.transaction { transaction in
                try await transaction.execute(Self.insert, [.int(1)])
                try await transaction.run(script: "SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        #expect(error.isRetryable && !error.isOutcomeUnknown)
        #expect(try await pool.fetch(Self.count)[0].int("n") == 0)
        await pool.close()
    }

    @Test("a swallowed error cannot pass as a commit")
    func swallowed() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(script: "CREATE TABLE t (x int PRIMARY KEY)")
        let error = try await failure {
            try await pool.transaction { transaction in
                try await transaction.execute(Self.insert, [.int(1)])
                _ = try await failure { try await transaction.execute(Self.insert, [.int(1)]) }
            }
        }
        #expect(error.sqlState == .inFailedTransaction)
        #expect(try await pool.fetch(Self.count)[0].int("n") == 0)
        await pool.close()
    }

    @Test("a statement whose table changed its columns is prepared anew")
    func stalePlan() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(script: "CREATE TABLE t (x int)")
        let all = Statement(name: "t.all", sql: "SELECT * FROM t")
        _ = try await pool.fetch(all)
        try await pool.run(script: "ALTER TABLE t ADD COLUMN y int; INSERT INTO t VALUES (1, 2)")
        #expect(try await pool.fetch(all)[0].columns == ["x", "y"])
        await pool.close()
    }
}
