import Delivery
import Dispatch
import JobQueue
import Postgres
import Synchronization
import TestDatabase
import Testing

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
            PostgresConfiguration(
                url: url + "?options=-crole%3D\(role)", poolSize: size, queryDeadline: .seconds(60), plans: .pinned))
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

    // MARK: Lanes

    /// The lane of a sender's messages of one priority, as a look would see it.
    func lane(sender: Int = 1, priority: Int = 2) async throws -> LaneState {
        let rows = try await admin.fetch(
            Statement(
                name: "test.lane",
                sql: """
                    SELECT l.id, s.channel, s.rate_per_second::double precision AS rate
                      FROM outrider.lanes l JOIN outrider.senders s ON s.id = l.sender_id
                     WHERE s.id = $1 AND l.priority = $2 AND l.tenant IS NULL AND l.campaign_id IS NULL
                    """), [.int(sender), .int(priority)])
        let row = try #require(rows.first)
        let channel = try #require(Channel(rawValue: row.string("channel")))
        return LaneState(
            lane: Lane(rawValue: try row.int("id")), purpose: .send, priority: priority,
            sender: SenderState(id: sender, channel: channel, rate: try row.optionalDouble("rate")))
    }

    /// All lanes that have rows.
    func look() async throws -> LaneSurvey {
        try await store.look([LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)])
    }

    /// The due rows, oldest job first: `job reason lane`, the lane as its purpose, priority and, of sends, sender.
    func dueRows(_ columns: String = "job_id, reason", where condition: String = "true") async throws -> [String?] {
        try await texts(
            """
            SELECT concat_ws(' ', \(columns), concat_ws('/', l.purpose, l.priority, l.sender_id, l.tenant, c.name)) AS v
              FROM outrider.due LEFT JOIN outrider.lanes l ON l.id = lane LEFT JOIN outrider.campaigns c ON c.id = campaign_id
             WHERE \(condition) ORDER BY job_id, reason
            """)
    }

    /// As if everything that is due later were due now.
    func makeDue() async throws {
        try await run("UPDATE outrider.due SET at = clock_timestamp() - interval '1 second'")
    }

    // MARK: Taking

    /// Takes from a lane, sender 1's transactional messages when nil, with a rule that sends all.
    func take(
        _ limit: Int = 200, of lane: LaneState? = nil, from floor: DueKey = .start, worker: String = "w1",
        window: RateWindow? = nil, rule: @escaping @Sendable (Take) -> Verdict = Verdict.sendingAll
    ) async throws -> Taken {
        let state = if let lane { lane } else { try await self.lane() }
        let order = TakeOrder(lane: state, floor: floor, limit: limit, worker: worker, window: window)
        let seen = Mutex<Take?>(nil)
        let begun = try await store.take(order) { take in
            seen.withLock { $0 = take }
            return rule(take)
        }
        return Taken(take: try #require(seen.withLock { $0 }), begun: begun)
    }

    /// Takes what is due of all lanes that send nothing.
    func looks(worker: String = "w1") async throws -> [TakenJob] {
        var jobs: [TakenJob] = []
        for lane in try await look().lanes where lane.purpose != .send {
            jobs += try await take(of: lane, worker: worker).begun.looks
        }
        return jobs
    }

    /// Runs a script on another connection and waits for its commit, from within a rule: that runs on a thread of its own.
    func meanwhile(_ script: String) -> String? {
        let failure = Mutex<String?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await run(script) } catch { failure.withLock { $0 = "\(error)" } }
            done.signal()
        }
        done.wait()
        return failure.withLock { $0 }
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

/// What one take brought.
struct Taken: Sendable {
    /// What the rule was shown.
    var take: Take
    var begun: Begun

    /// The jobs whose attempt or look is begun.
    var jobs: [TakenJob] { begun.sends + begun.looks }
    var ids: [Int] { jobs.map(\.id) }
    /// The jobs of all rows, begun or not.
    var seen: [TakenJob] { take.rows.compactMap { if case .job(let job) = $0.state { job } else { nil } } }
    var lastKey: DueKey? { take.rows.last?.due.key }
}

extension Verdict {
    /// Begins all that is not over or begun, and drops the rest.
    static func sendingAll(_ take: Take) -> Verdict {
        verdict(take) { job in
            switch job.reason {
            case .dispatch, .resume: !job.isEnded && !job.isBegun
            case .decide, .receipt, .reconcile: !job.isEnded
            }
        }
    }

    /// Begins all, whatever the take says of it: only the fence is left.
    static func blindly(_ take: Take) -> Verdict { verdict(take) { _ in true } }

    private static func verdict(_ take: Take, begins: (TakenJob) -> Bool) -> Verdict {
        var verdict = Verdict()
        for row in take.rows {
            verdict.done.append(row.due)
            guard case .job(let job) = row.state, begins(job) else { continue }
            switch job.reason {
            case .dispatch, .resume: verdict.sends.append(Send(job, patience: job.category.openSendPatience))
            case .decide, .receipt, .reconcile: verdict.looks.append(job)
            }
        }
        return verdict
    }
}

/// An event of job 1's first attempt, or of another one.
func event(_ event: JobEvent, _ job: Int = 1, generation: Int = 1) -> RecordedEvent {
    RecordedEvent(
        jobID: job, generation: generation, step: generation > 0 ? 0 : nil, channel: .sms,
        at: Instant(microseconds: 0), event)
}
