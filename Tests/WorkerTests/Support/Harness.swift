import Delivery
import JobQueue
import Logging
import Postgres
import ServiceLifecycle
import TestDatabase
import Testing
import Worker

/// One database, one scripted provider, and a worker that runs while a body does.
struct Harness: Sendable {
    let pool: PostgresPool
    let provider = ScriptedProvider()
    let numbers = ScriptedNumbers()
    var configuration: WorkerConfiguration
    /// Between the worker and the database, in its place when nil.
    var store: (any WorkStore)?

    init(configured: (inout WorkerConfiguration) -> Void = { _ in }) async throws {
        pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.migratedDatabase(), poolSize: 6))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values
                    ('text', 'sms', '+15005550006'), ('call', 'voice', '+15005550006'),
                    ('chat', 'whatsapp', '+15005550006'), ('mail', 'email', 'notice@example.com');
                """)
        configuration = WorkerConfiguration(
            pollInterval: .milliseconds(20), heartbeatInterval: .milliseconds(200),
            timing: Timing(
                backoff: Backoff(base: .milliseconds(20), cap: .milliseconds(100)), firstListing: .milliseconds(50),
                listingSpacing: .milliseconds(50)))
        configured(&configuration)
    }

    /// Runs a worker while `body` does, then shuts it down gracefully.
    func working(_ body: @Sendable () async throws -> Void) async throws {
        let worker = WorkerService(
            store: store ?? JobStore(pool: pool), ends: JobStore(pool: pool), provider: provider,
            numbers: numbers, configuration: configuration, version: "test",
            logger: Logger(label: "test"))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: worker)], logger: Logger(label: "test")))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Begins every send that is due in the name of another worker, which then does nothing.
    /// - Returns: the jobs.
    func beginAll(as worker: String) async throws -> [Int] {
        let store = JobStore(pool: pool)
        try await store.register(worker: worker, host: "test", processID: 1, version: "test")
        let look = try await store.look([LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)])
        var jobs: [Int] = []
        for lane in look.lanes where lane.sender != nil {
            let order = TakeOrder(lane: lane, floor: .start, limit: 100, worker: worker)
            let begun = try await store.take(order) { take in
                var verdict = Verdict()
                verdict.done = take.rows.map(\.due)
                verdict.sends = take.rows.compactMap { row in
                    if case .job(let job) = row.state { Verdict.Send(job) } else { nil }
                }
                return verdict
            }
            jobs += begun.sends.map(\.id)
        }
        return jobs
    }

    @discardableResult
    func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> [Row] {
        try await pool.fetch(Statement(name: "test_\(sql.hashValue)", sql: sql), parameters)
    }

    func insert(_ columns: String, _ values: String) async throws -> Int {
        let rows = try await query("insert into outrider.jobs (\(columns)) values (\(values)) returning id")
        return try #require(rows.first).int("id")
    }

    /// What the events of a job say, in order: `kind/status/code`.
    func story(of job: Int) async throws -> [String] {
        try await query(
            """
            select concat_ws('/', kind, status, code) as line from outrider.events where job_id = $1
             order by generation = 0, generation, at, kind
            """, [.int(job)]
        ).map { try $0.string("line") }
    }

    func outcome(of job: Int) async throws -> String? {
        try await query(
            "select code from outrider.events where job_id = $1 and kind = 'outcome'", [.int(job)]
        ).first?.string("code")
    }

    /// Waits until `condition` holds; a test that waits longer than its deadline fails.
    func eventually(
        _ what: Comment, within limit: Duration = .seconds(90), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, what)
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The open sends for which another one like them would wait.
    func waitedFor() async throws -> Int {
        try await query("select from outrider.open_sends where key <> hashint8extended(job_id, generation)").count
    }

    /// A receipt as the gateway would store it.
    func receipt(
        job: Int, generation: Int, status: String, level: SuccessLevel? = nil, failure: FailureClass? = nil
    ) async throws {
        try await query(
            """
            with stored as (
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, class, level)
                select job_id, generation, 'receipt', $3, step, ladder_id, channel, $5, $4 from outrider.events
                 where job_id = $1 and generation = $2 and kind = 'intent'
                on conflict do nothing returning *)
            insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
            select clock_timestamp(), s.job_id,
                   outrider.look_lane('decide', outrider.job_priority(j.category, j.priority), s.channel), 'decide', s.step,
                   s.generation, s.ladder_id
              from stored s join outrider.jobs j on j.id = s.job_id
            """,
            [.int(job), .int(generation), .text(status), .text(level?.rawValue), .text(failure?.rawValue)])
    }
}
