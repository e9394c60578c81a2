import Glibc
import Postgres
import TestDatabase
import Testing

/// Serialized: the clock is measured, and two frozen servers at once would measure each other.
@Suite("Deadlines", .timeLimit(.minutes(5)), .serialized)
struct DeadlineTests {
    static let sleep = Statement(name: "t.sleep", sql: "SELECT pg_sleep($1::float8)")
    static let one = Statement(name: "t.one", sql: "SELECT 1 AS one")

    @Test("a statement is given up at its deadline, its outcome unknown, and the pool goes on")
    func slowStatement() async throws {
        let pool = try await pool("slow")
        _ = try await pool.fetch(Self.one)  // Connected, so that only the statement can be late.
        let start = ContinuousClock.now
        let error = try await failure {
            try await pool.fetch(Self.sleep, [.double(30)], deadline: .milliseconds(300))
        }
        #expect(error == .deadlinePassed(.unknown))
        #expect(error.isOutcomeUnknown && !error.isRetryable)
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try await pool.fetch(Self.one)[0].int("one") == 1)
        await pool.close()
    }

    @Test("a statement of the default deadline is ended by the server, with a known outcome")
    func statementTimeout() async throws {
        // The server's limit is a twentieth below ours: long enough that a busy machine does not close the gap.
        let pool = try await pool("timeout", queryDeadline: .seconds(8))
        _ = try await pool.fetch(Self.one)
        let error = try await failure { try await pool.fetch(Self.sleep, [.double(30)]) }
        #expect(error.sqlState == .queryCanceled)
        #expect(!error.isOutcomeUnknown)
        await pool.close()
    }

    @Test("a deadline above the default lifts the server's limit too")
    func longerDeadline() async throws {
        let pool = try await pool("longer", queryDeadline: .milliseconds(400))
        #expect(try await pool.fetch(Self.sleep, [.double(0.8)], deadline: .seconds(10)).count == 1)
        await pool.close()
    }

    @Test("a frozen backend cannot hold a caller past the deadline")
    func frozenBackend() async throws {
        let url = try await PostgresServer.freshDatabase()
        let pool = try await pool("frozen", url)
        _ = try await pool.fetch(Self.one)
        let backends = Backends(url: url)
        let pid = pid_t(try await backends.pid(of: "frozen", in: "idle"))
        guard kill(pid, SIGSTOP) == 0 else { try Test.cancel("the server's processes are out of reach") }
        defer { kill(pid, SIGCONT) }
        let start = ContinuousClock.now
        let error = try await failure { try await pool.fetch(Self.one, deadline: .milliseconds(300)) }
        #expect(error == .deadlinePassed(.unknown))
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try await pool.fetch(Self.one)[0].int("one") == 1)
        await pool.close()
        await backends.pool.close()
    }

    @Test("a server that accepts and never answers cannot hold a connect past its deadline")
    func silentServer() async throws {
        let silent = try SilentServer()
        let pool = PostgresPool(
            PostgresConfiguration(
                url: "postgresql://u@127.0.0.1:\(silent.port)/d?sslmode=disable", connectTimeout: .milliseconds(200)))
        let start = ContinuousClock.now
        let error = try await failure { try await pool.fetch(Self.one, deadline: .milliseconds(700)) }
        #expect(error == .deadlinePassed(.none))
        #expect(error.isRetryable)
        #expect(ContinuousClock.now - start < .seconds(3))
        await pool.close()
    }

    @Test("a silent host is passed over for the next one of the URL")
    func secondHost() async throws {
        let silent = try SilentServer()
        let good = try await PostgresServer.freshDatabase()
        let url = good.replacing("@127.0.0.1:", with: "@127.0.0.1:\(silent.port),127.0.0.1:")
        let pool = PostgresPool(PostgresConfiguration(url: url, connectTimeout: .milliseconds(500)))
        #expect(try await pool.fetch(Self.one)[0].int("one") == 1)
        await pool.close()
    }

    @Test("cancelling the task ends the wait")
    func cancellation() async throws {
        let url = try await PostgresServer.freshDatabase()
        let pool = try await pool("cancelled", url)
        let backends = Backends(url: url)
        let call = Task { try await failure { try await pool.fetch(Self.sleep, [.double(8)]) } }
        _ = try await backends.pid(of: "cancelled", in: "PgSleep")
        let start = ContinuousClock.now
        call.cancel()
        #expect(try await call.value == .cancelled(.unknown))
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try await pool.fetch(Self.one)[0].int("one") == 1)
        await pool.close()
        await backends.pool.close()
    }

    private func pool(
        _ name: String, _ url: String? = nil, queryDeadline: Duration = .seconds(10)
    ) async throws -> PostgresPool {
        var address = url
        if address == nil { address = try await PostgresServer.freshDatabase() }
        return PostgresPool(
            PostgresConfiguration(url: address ?? "", applicationName: name, poolSize: 1, queryDeadline: queryDeadline))
    }
}
