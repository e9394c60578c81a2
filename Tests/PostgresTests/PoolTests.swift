import Postgres
import Synchronization
import TestDatabase
import Testing

@Suite("Pool", .timeLimit(.minutes(5)))
struct PoolTests {
    static let one = Statement(name: "t.one", sql: "SELECT 1 AS one")
    static let pid = Statement(name: "t.pid", sql: "SELECT pg_backend_pid() AS pid")

    /// Which backends are in use now, and which ever were.
    final class BackendUse: Sendable {
        private let state = Mutex((current: Set<Int>(), ever: Set<Int>()))

        /// False when the backend is in use already.
        func begin(_ pid: Int) -> Bool {
            state.withLock { state in
                state.ever.insert(pid)
                return state.current.insert(pid).inserted
            }
        }

        func end(_ pid: Int) { state.withLock { _ = $0.current.remove(pid) } }

        var seen: Int { state.withLock { $0.ever.count } }
    }

    @Test("a connection has one user at a time, and the pool keeps its size")
    func exclusive() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 3))
        let backends = BackendUse()
        try await withThrowingTaskGroup { group in
            for _ in 0..<60 {
                group.addTask {
                    try await pool.transaction { transaction in
                        let pid = try await transaction.fetch(Self.pid)[0].int("pid")
                        #expect(backends.begin(pid))
                        #expect(try await transaction.fetch(Self.pid)[0].int("pid") == pid)
                        backends.end(pid)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(backends.seen))
        await pool.close()
    }

    @Test("waiting for a connection ends at the deadline, with a known outcome")
    func exhausted() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.transaction { _ in
            let error = try await failure { try await pool.fetch(Self.one, deadline: .milliseconds(100)) }
            #expect(error == .deadlinePassed(.none))
        }
        #expect(try await pool.fetch(Self.one).count == 1)
        await pool.close()
    }

    @Test("callers beyond the bound are refused at once")
    func bounded() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1, maximumWaiters: 1))
        try await pool.transaction { _ in
            async let first = failure { try await pool.fetch(Self.one, deadline: .milliseconds(400)) }
            async let second = failure { try await pool.fetch(Self.one, deadline: .milliseconds(400)) }
            let errors = try await [first, second]
            #expect(errors.contains(.tooManyWaiters))
            #expect(errors.contains(.deadlinePassed(.none)))
        }
        await pool.close()
    }

    @Test("a cancelled caller leaves the queue at once")
    func cancelledWaiter() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.transaction { _ in
            let waiter = Task { try await failure { try await pool.fetch(Self.one) } }
            waiter.cancel()
            let error = try await waiter.value
            #expect(error == .cancelled(.none))
        }
        #expect(try await pool.fetch(Self.one).count == 1)
        await pool.close()
    }

    @Test("after close every call is refused")
    func closed() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase()))
        _ = try await pool.fetch(Self.one)
        await pool.close()
        #expect(try await failure { try await pool.fetch(Self.one) } == .poolClosed)
    }

    @Test("a script that leaves a transaction open does not leak it to the next caller")
    func leftOpen() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(script: "CREATE TABLE t (x int)")
        try await pool.run(script: "BEGIN; INSERT INTO t VALUES (1)")
        let count = Statement(name: "t.count", sql: "SELECT count(*) AS n FROM t")
        #expect(try await pool.fetch(count)[0].int("n") == 0)
        await pool.close()
    }
}
