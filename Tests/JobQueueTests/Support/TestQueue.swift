import Delivery
import JobQueue
import Postgres
import TestDatabase

/// A queue in a database of its own. The store works as `outrider_worker`; `admin` looks on and interferes.
struct TestQueue {
    let store: JobStore
    let workers: PostgresPool
    let admin: PostgresPool

    private static let turnstile = Turnstile(8)

    /// Opens one with the sender 1, `sms` without a limit, and the worker `w1`.
    static func with(_ body: (TestQueue) async throws -> Void) async throws {
        await turnstile.enter()
        do {
            try await open(body)
        } catch {
            await turnstile.leave()
            throw error
        }
        await turnstile.leave()
    }

    private static func open(_ body: (TestQueue) async throws -> Void) async throws {
        let url = try await PostgresServer.migratedDatabase()
        let workers = pool(url, role: "outrider_worker", size: 4)
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, queryDeadline: .seconds(120)))
        let queue = TestQueue(store: JobStore(pool: workers), workers: workers, admin: admin)
        try await queue.run(
            "INSERT INTO outrider.senders (name, channel, address) VALUES ('s1', 'sms', '+15550000001')")
        try await queue.store.register(worker: "w1", host: "test", processID: 1, version: "test")
        try await body(queue)
        await workers.close()
        await admin.close()
    }

    static func pool(_ url: String, role: String, size: Int) -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(url: url + "?options=-crole%3D\(role)", poolSize: size, queryDeadline: .seconds(60)))
    }

    func run(_ script: String) async throws { try await admin.run(script: script) }

    /// The first column of a query's rows, named `v`.
    func texts(_ sql: String) async throws -> [String?] {
        try await admin.fetch(Statement(name: "test.\(sql.hashValue)", sql: sql)).map { try $0.optionalString("v") }
    }

    func count(_ table: String) async throws -> Int {
        let texts = try await texts("SELECT count(*) AS v FROM \(table)")
        return Int((texts.first ?? nil) ?? "") ?? -1
    }

    /// Adds `count` text messages to as many addresses; ids go on from the last.
    func addJobs(_ count: Int = 1, category: String = "transactional", body: String = "Hello") async throws {
        try await run(
            """
            INSERT INTO outrider.jobs (channel, address, body, category)
            SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), '\(body)', '\(category)' FROM generate_series(1, \(count)) n
            """)
    }

    /// The lane of sender 1's transactional messages.
    static let lane = Lane(sender: 1, priority: 2)

    func claim(
        limit: Int = 200, from floor: DueKey = .start, lane: Lane = lane, worker: String = "w1",
        allowance: RateAllowance? = nil
    ) async throws -> Claim {
        try await store.claimSends(lane, from: floor, limit: limit, worker: worker, allowance: allowance)
    }

    func wakes(limit: Int = 200, worker: String = "w1") async throws -> Claim {
        try await store.claimWakes(from: .start, limit: limit, worker: worker)
    }

    /// What `events` holds of a job, oldest first: `generation kind status code`.
    func events(of job: Int) async throws -> [String?] {
        try await texts(
            """
            SELECT concat_ws(' ', generation, kind, status, code) AS v FROM outrider.events
             WHERE job_id = \(job) ORDER BY generation, at, kind
            """)
    }
}

/// An event of job 1's first attempt, or of another one.
func event(_ event: JobEvent, _ job: Int = 1, generation: Int = 1) -> RecordedEvent {
    RecordedEvent(
        jobID: job, generation: generation, step: generation > 0 ? 0 : nil, channel: .sms,
        at: Instant(microseconds: 0), event)
}
