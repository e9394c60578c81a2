import Postgres
import TestDatabase
import Testing

@Suite("Session", .timeLimit(.minutes(5)))
struct SessionTests {
    static let settings = Statement(
        name: "t.settings",
        sql: """
            SELECT current_setting('plan_cache_mode') AS plans, current_setting('statement_timeout') AS timeout,
                   current_setting('application_name') AS application,
                   (SELECT count(*) FROM pg_prepared_statements) AS prepared
            """)

    @Test("a session plans for the values at hand, and its server gives up before the client")
    func prepared() async throws {
        let row = try await row(.prepared)
        #expect(try row.string("plans") == "force_custom_plan")
        #expect(try row.string("timeout") == "9500ms")
        #expect(try row.string("application") == "session")
        #expect(try row.int("prepared") == 1)
    }

    @Test("behind a transaction pooler nothing is left in the session")
    func unnamed() async throws {
        let row = try await row(.unnamed)
        #expect(try row.string("plans") == "auto")
        #expect(try row.string("timeout") == "0")
        #expect(try row.int("prepared") == 0)
    }

    @Test("a value larger than every buffer on the way goes out and comes back")
    func large() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(
                url: try await PostgresServer.freshDatabase(), poolSize: 1, queryDeadline: .seconds(60)))
        let value = String(repeating: "0123456789abcdef", count: 512 * 1_024)
        let echo = Statement(name: "t.echo", sql: "SELECT $1::text AS value")
        #expect(try await pool.fetch(echo, [.text(value)])[0].string("value") == value)
        await pool.close()
    }

    @Test("COPY is refused, and the pool goes on")
    func copy() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        let error = try await failure { try await pool.run(script: "COPY (SELECT 1) TO STDOUT") }
        guard case .configuration = error else {
            Issue.record("\(error)")
            return
        }
        try await pool.run(script: "SELECT 1")
        await pool.close()
    }

    private func row(_ preparation: PostgresConfiguration.Preparation) async throws -> Row {
        let pool = PostgresPool(
            PostgresConfiguration(
                url: try await PostgresServer.freshDatabase(), applicationName: "session", poolSize: 1,
                preparation: preparation))
        let row = try await pool.fetch(Self.settings)[0]
        await pool.close()
        return row
    }
}
