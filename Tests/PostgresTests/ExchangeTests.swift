import Postgres
import Synchronization
import TestDatabase
import Testing

@Suite("Exchange", .timeLimit(.minutes(5)))
struct ExchangeTests {
    private static let locked = Statement(
        name: "x.lock", sql: "SELECT n FROM notes WHERE n <= $1 ORDER BY n FOR UPDATE")
    private static let drop = Statement(name: "x.drop", sql: "DELETE FROM notes WHERE n = ANY ($1::int[]) RETURNING n")
    private static let add = Statement(name: "x.add", sql: "INSERT INTO notes VALUES ($1::int) RETURNING n")
    private static let all = Statement(name: "x.all", sql: "SELECT n FROM notes ORDER BY n")
    private static let settings = Statement(
        name: "x.settings", sql: "SELECT current_setting('transaction_isolation') AS isolation")

    private func pool(
        _ notes: ClosedRange<Int>, preparation: PostgresConfiguration.Preparation = .prepared
    ) async throws -> PostgresPool {
        let url = try await PostgresServer.freshDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, preparation: preparation))
        try await pool.run(script: "CREATE TABLE notes (n int PRIMARY KEY)")
        for note in notes { try await pool.execute(Self.add, [.int(note)]) }
        return pool
    }

    private func numbers(_ pool: PostgresPool) async throws -> [Int] {
        try await pool.fetch(Self.all).map { try $0.int("n") }
    }

    @Test("what the first round reads decides what the second writes", arguments: [false, true])
    func decides(isPooled: Bool) async throws {
        let pool = try await pool(1...5, preparation: isPooled ? .unnamed : .prepared)
        for _ in 0..<2 {  // The second time nothing is left to be prepared.
            let rows = try await pool.exchange([Command(Self.locked, [.int(3)])]) { read in
                let found = read[0].compactMap { try? $0.int("n") }
                return [Command(Self.drop, [.intArray(found)]), Command(Self.add, [.int(9 + found.count)])]
            }
            #expect(rows.count == 2)
        }
        #expect(try await numbers(pool) == [4, 5, 9, 12])
        await pool.close()
    }

    @Test("a round between the two reads what was committed since the first, in the same transaction, if there is one")
    func between() async throws {
        let pool = try await pool(1...3)
        for asks in [true, false] {
            let rows = try await pool.exchange(
                [Command(Self.locked, [.int(3)])], ask: { _ in asks ? [Command(Self.all)] : [] },
                decide: { read, asked in
                    [Command(Self.add, [.int(10 * read[0].count + (asked.first?.count ?? 0) + asked.count)])]
                })
            #expect(try rows[0][0].int("n") == (asks ? 34 : 30))
        }
        let error = try await failure {
            let drop = Command(Self.drop, [.intArray([1])])
            return try await pool.exchange(
                [drop], ask: { _ in [Command(Self.add, [.int(2)])] },
                decide: { _, _ in [Command(Self.add, [.int(99)])] })
        }
        #expect(error.sqlState == .uniqueViolation && !error.isOutcomeUnknown)
        #expect(try await numbers(pool) == [1, 2, 3, 30, 34])
        await pool.close()
    }

    @Test("a second round that fails leaves nothing, and the connection is used again")
    func rollsBack() async throws {
        let pool = try await pool(1...2)
        let error = try await failure {
            try await pool.exchange([Command(Self.locked, [.int(2)])]) { _ in
                [Command(Self.drop, [.intArray([1])]), Command(Self.add, [.int(2)]), Command(Self.add, [.int(7)])]
            }
        }
        #expect(error.sqlState == .uniqueViolation)
        #expect(!error.isOutcomeUnknown)
        #expect(try await numbers(pool) == [1, 2])
        await pool.close()
    }

    @Test("a first round that fails has no second one")
    func failsAtOnce() async throws {
        let pool = try await pool(1...1)
        let asked = Mutex(0)
        let wrong = Statement(name: "x.wrong", sql: "SELECT n FROM nowhere")
        let error = try await failure {
            try await pool.exchange([Command(wrong)]) { _ in
                asked.withLock { $0 += 1 }
                return []
            }
        }
        #expect(error.sqlState == .undefinedTable)
        #expect(asked.withLock { $0 } == 0)
        await pool.close()
    }

    @Test("rows that the first round locks are skipped by others until the commit")
    func locks() async throws {
        let pool = try await pool(1...4)
        let other = PostgresPool(pool.configuration)
        let skip = Statement(name: "x.skip", sql: "SELECT n FROM notes ORDER BY n FOR UPDATE SKIP LOCKED")
        let seen = Mutex<[Int]>([])
        let entered = AsyncStream.makeStream(of: Void.self)
        let gate = Mutex(false)
        async let first = pool.exchange([Command(Self.locked, [.int(2)])]) { _ in
            entered.continuation.yield()
            while !gate.withLock({ $0 }) {}
            return [Command(Self.drop, [.intArray([1, 2])])]
        }
        for await _ in entered.stream { break }
        let rows = try await other.fetch(skip).map { try $0.int("n") }
        seen.withLock { $0 = rows }
        gate.withLock { $0 = true }
        _ = try await first
        #expect(seen.withLock { $0 } == [3, 4])
        #expect(try await numbers(pool) == [3, 4])
        await pool.close()
        await other.close()
    }

    @Test("whatever the database says, a transaction is read committed")
    func isolation() async throws {
        let pool = try await pool(1...1, preparation: .unnamed)
        try await pool.run(
            script: """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable',
                                           current_database()); END $$
                """)
        let fresh = PostgresPool(pool.configuration)
        let rows = try await fresh.exchange([Command(Self.settings)]) { read in
            #expect((try? read[0][0].string("isolation")) == "read committed")
            return []
        }
        #expect(rows.isEmpty)
        await pool.close()
        await fresh.close()
    }
}
