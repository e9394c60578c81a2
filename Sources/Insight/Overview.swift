import Delivery
public import Postgres
import Schema

/// Reads where everything stands. Each call has one deadline for all its statements.
public struct Overview: Sendable {
    private let database: PostgresPool
    private let deadline: Duration

    /// - Parameter deadline: for one call, 3 seconds unless told otherwise.
    public init(_ database: PostgresPool, deadline: Duration = .seconds(3)) {
        self.database = database
        self.deadline = deadline
    }

    /// Counts and the newest jobs. The counts are read one after the other, so they may be a moment apart.
    /// - Parameter recentJobs: how many of the newest jobs to list, 0 to 1,000.
    public func summary(recentJobs: Int = 50) async throws(PostgresError) -> Summary {
        let end = ContinuousClock.now + deadline
        return Summary(
            shard: try await shard(end),
            outcomes: try await outcomes(end), due: try await due(end), leased: try await count(.leasedCount, end),
            held: try await count(.heldCount, end), workers: try await workers(end),
            oldestOverdueSeconds: try await fetch(.oldestOverdue, [], end).first?.optionalDouble("age_seconds"),
            unheardSeconds: try await fetch(.unheard, [], end).first?.optionalDouble("age_seconds"),
            suppressions: try await suppressions(end), doubts: try await doubts(end),
            recentJobs: try await recent(recentJobs, end))
    }

    /// The number of this database among those of one fleet, 0 where there is one alone.
    public func shard() async throws(PostgresError) -> Int { try await shard(ContinuousClock.now + deadline) }

    /// One job with its timeline; nil when there is no such job that this login may see.
    public func timeline(jobID: Int) async throws(PostgresError) -> JobTimeline? {
        let end = ContinuousClock.now + deadline
        guard let row = try await fetch(.jobByID, [.int(jobID)], end).first else { return nil }
        let job = try JobLine(row)
        var events: [TimelineEntry] = []
        for row in try await fetch(.timeline, [.int(jobID)], end) { events.append(try TimelineEntry(row)) }
        return JobTimeline(job: job, events: events)
    }

    /// Returns when the database answers and Outrider's tables are there.
    /// - Parameter deadline: how long it may take.
    public func checkDatabase(within deadline: Duration) async throws(PostgresError) {
        _ = try await database.fetch(.schemaAnswers, [], deadline: deadline)
    }

    // MARK: Parts

    private func fetch(
        _ statement: Statement, _ parameters: [Parameter], _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Row] {
        try await database.fetch(statement, parameters, deadline: max(.zero, end - ContinuousClock.now))
    }

    private func shard(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Int {
        try await fetch(.installation, [], end).first?.int("shard") ?? 0
    }

    private func count(_ statement: Statement, _ end: ContinuousClock.Instant) async throws(PostgresError) -> Int {
        try await fetch(statement, [], end).first?.int("count") ?? 0
    }

    private func due(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.DueCount] {
        var counts: [Summary.DueCount] = []
        for row in try await fetch(.dueCounts, [], end) {
            counts.append(
                .init(reason: try row.string("reason"), isLater: try row.bool("is_later"), count: try row.int("count")))
        }
        return counts
    }

    private func outcomes(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.OutcomeCount] {
        var counts: [Summary.OutcomeCount] = []
        for row in try await fetch(.outcomeCounts, [], end) {
            counts.append(
                .init(
                    outcome: try row.string(JobEvent.Kind.outcome.rawValue), channel: try row.string("channel"),
                    count: try row.int("count")))
        }
        return counts
    }

    private func suppressions(
        _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Summary.SuppressionCount] {
        var counts: [Summary.SuppressionCount] = []
        for row in try await fetch(.suppressionCounts, [], end) {
            counts.append(.init(channel: try row.string("channel"), count: try row.int("count")))
        }
        return counts
    }

    private func doubts(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Summary.Doubts {
        var doubts = Summary.Doubts.none
        for row in try await fetch(.doubtCounts, [], end) {
            let (word, count) = (try row.string("word"), try row.int("count"))
            let finding = EventColumns(
                kind: JobEvent.Kind.reconciled.rawValue, status: try row.string("finding"), code: word)
            switch JobEvent(finding) {
            case .reconciled(.resolved): doubts.resolved[word, default: 0] += count
            case .reconciled(.duplicate): doubts.duplicates += count
            case .reconciled(.lateDelivery): doubts.wastedEscalations += count
            default: doubts.unknown.append(.init(answer: word, channel: try row.string("channel"), count: count))
            }
        }
        return doubts
    }

    private func workers(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.Worker] {
        var workers: [Summary.Worker] = []
        for row in try await fetch(.liveWorkers, [], end) {
            workers.append(
                .init(
                    id: try row.string("id"), host: try row.string("host"), version: try row.string("version"),
                    state: try row.string("state"), heartbeatAgeSeconds: try row.double("heartbeat_age_seconds")))
        }
        return workers
    }

    private func recent(_ limit: Int, _ end: ContinuousClock.Instant) async throws(PostgresError) -> [JobLine] {
        var jobs: [JobLine] = []
        let limit = min(max(limit, 0), 1_000)
        for row in try await fetch(.recentJobs, [.int(limit)], end) { jobs.append(try JobLine(row)) }
        return jobs
    }
}

extension JobLine {
    fileprivate init(_ row: Row) throws(PostgresError) {
        self.init(
            id: try row.int("id"), kind: try row.string("kind"), category: try row.string("category"),
            ladder: try row.string("ladder"), channel: try row.string("channel"), state: try row.string("state"),
            attempts: try row.int("attempts"), reason: try row.string("reason"),
            createdAt: try row.string("created_at"), endedAt: try row.optionalString("ended_at"))
    }
}

extension TimelineEntry {
    fileprivate init(_ row: Row) throws(PostgresError) {
        self.init(
            at: try row.string("at"), attempt: try row.int("attempt"), step: try row.optionalInt("step"),
            channel: try row.string("channel"), event: try row.string("event"), detail: try row.string("detail"))
    }
}

extension Statement {
    static let installation = Schema.statement("installation")
    static let dueCounts = Schema.statement("due_counts")
    static let oldestOverdue = Schema.statement("oldest_overdue")
    static let outcomeCounts = Schema.statement("outcome_counts")
    static let heldCount = Schema.statement("held_count")
    static let doubtCounts = Schema.statement("doubt_counts")
    static let leasedCount = Schema.statement("leased_count")
    static let unheard = Schema.statement("unheard")
    static let suppressionCounts = Schema.statement("suppression_counts")
    static let liveWorkers = Schema.statement("live_workers")
    static let recentJobs = Schema.statement("recent_jobs")
    static let jobByID = Schema.statement("job_by_id")
    static let timeline = Schema.statement("timeline")
    static let schemaAnswers = Schema.statement("schema_answers")
    static let heldJobs = Schema.statement("held_jobs")
    static let releaseHeld = Schema.statement("release_held")
}
