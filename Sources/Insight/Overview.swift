public import Delivery
public import Postgres
import Schema

/// Reads where everything stands. Each call has one deadline for all its statements.
public struct Overview: Sendable {
    private let database: PostgresPool
    let deadline: Duration

    /// - Parameter deadline: for one call, 5 seconds unless told otherwise.
    public init(_ database: PostgresPool, deadline: Duration = .seconds(5)) {
        self.database = database
        self.deadline = deadline
    }

    /// Counts and the newest jobs. The counts are read one after the other, so they may be a moment apart.
    ///
    /// Each is bounded, so it takes milliseconds whatever there is. One that is late all the same is left out and named in
    /// `uncounted`: the others are shown.
    /// - Parameter recentJobs: how many of the newest jobs to list, 0 to 1,000.
    public func summary(recentJobs: Int = 50) async throws(PostgresError) -> Summary {
        let reader = PartReader(within: deadline)
        var summary = Summary(shard: nil)
        let installation = try await installation(reader.end)
        summary.shard = installation.shard == 0 ? nil : installation.shard
        summary.displacement = installation.displacement?.rawValue
        summary.strays = installation.strays
        let condition = try await condition(reader.end)
        summary.troubles = condition.troubles
        summary.senders = condition.senders
        let due = try await reader.read(.due, due)
        let sending = try await reader.read(.sending, leased)
        let held = try await reader.read(.held, held)
        summary.due = due ?? []
        summary.held = held?.count ?? 0
        let unfed = try await reader.read(.due, unfed) ?? []
        summary.states = Summary.states(due: due.map { $0 + unfed }, sending: sending, held: held)
        summary.workers = try await reader.read(.workers, workers) ?? []
        summary.oldestOverdueSeconds = try await reader.read(.overdue, overdue) ?? nil
        summary.unheardSeconds = try await reader.read(.unheard, unheard) ?? nil
        summary.recentJobs =
            try await reader.read(.recentJobs) { end throws(PostgresError) in
                try await recent(recentJobs, end)
            } ?? []
        summary.outcomes = try await reader.read(.outcomes, outcomes) ?? []
        summary.doubts = try await reader.read(.doubts, doubts) ?? .none
        summary.suppressions = try await reader.read(.suppressions, suppressions) ?? []
        summary.uncounted = reader.late
        return summary
    }

    /// What keeps messages from being sent.
    public func troubles() async throws(PostgresError) -> [Trouble] {
        try await troubles(ContinuousClock.now + deadline)
    }

    /// The number of this database among those of one fleet, 0 where there is one alone.
    public func shard() async throws(PostgresError) -> Int { try await installation().shard }

    /// What this database is, and whether workers may send from it.
    public func installation() async throws(PostgresError) -> Installation {
        try await installation(ContinuousClock.now + deadline)
    }

    /// One database of a fleet.
    public struct Installation: Sendable, Equatable {
        public var shard: Int
        /// Why nothing may be sent from it; nil: all is well.
        public var displacement: Displacement?
        /// Jobs that had no due row and got it back, so far.
        public var strays: Int
    }

    /// One job with its timeline; nil when there is no such job that this login may see.
    public func timeline(jobID: Int) async throws(PostgresError) -> JobTimeline? {
        let end = ContinuousClock.now + deadline
        guard let row = try await fetch(.jobByID, [.int(jobID)], end).first else { return nil }
        let job = try JobLine(row)
        var events: [TimelineEntry] = []
        for row in try await fetch(.timeline, [.int(jobID)], end) { events.append(try TimelineEntry(row)) }
        return JobTimeline(job: job, why: try await why(jobID, end), events: events)
    }

    /// Why a job was sent, was not, or waits: one sentence.
    /// - Throws: where there is no such job that this login may see.
    public func why(jobID: Int) async throws(PostgresError) -> String {
        try await why(jobID, ContinuousClock.now + deadline)
    }

    private func why(_ jobID: Int, _ end: ContinuousClock.Instant) async throws(PostgresError) -> String {
        try await fetch(.why, [.int(jobID)], end).first?.string("why") ?? ""
    }

    /// Returns when the database answers and Outrider's tables are there.
    /// - Parameter deadline: how long it may take.
    public func checkDatabase(within deadline: Duration) async throws(PostgresError) {
        _ = try await database.fetch(.schemaAnswers, [], deadline: deadline)
    }

    // MARK: Parts

    func fetch(
        _ statement: Statement, _ parameters: [Parameter], _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Row] {
        try await database.fetch(statement, parameters, deadline: max(.zero, end - ContinuousClock.now))
    }

    private func installation(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Installation {
        guard let row = try await fetch(.installation, [], end).first else {
            return Installation(shard: 0, displacement: .other, strays: 0)
        }
        return Installation(
            shard: try row.int("shard"),
            displacement: try row.optionalString("displacement").map { Displacement(word: $0) },
            strays: try row.int("strays"))
    }

    private func leased(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Int {
        try await fetch(.leasedCount, [], end).first?.int("count") ?? 0
    }

    private func overdue(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Double? {
        try await fetch(.oldestOverdue, [], end).first?.optionalDouble("age_seconds")
    }

    private func unheard(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Double? {
        try await fetch(.unheard, [], end).first?.optionalDouble("age_seconds")
    }

    private func held(_ end: ContinuousClock.Instant) async throws(PostgresError) -> (count: Int, isExact: Bool) {
        guard let row = try await fetch(.heldCount, [.int(Bound.held)], end).first else { return (0, true) }
        return (try row.int("count"), try row.bool("is_exact"))
    }

    private func due(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.DueCount] {
        let bounds = [Bound.ofLane, Bound.entries, Bound.lookUps, Bound.lanes].map { Parameter.int($0) }
        var counts: [Summary.DueCount] = []
        for row in try await fetch(.dueCounts, bounds, end) {
            counts.append(
                .init(
                    reason: try row.string("reason"), isLater: try row.bool("is_later"), count: try row.int("count"),
                    isExact: try row.bool("is_exact")))
        }
        return counts
    }

    /// Jobs of campaigns that have no due row yet, as if they had one.
    private func unfed(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.DueCount] {
        var counts: [Summary.DueCount] = []
        for row in try await fetch(.unfedCounts, [], end) {
            counts.append(
                .init(
                    reason: DueReason.dispatch.rawValue, isLater: try row.bool("is_later"),
                    count: try row.int("count"), isExact: true))
        }
        return counts
    }

    private func outcomes(_ end: ContinuousClock.Instant) async throws(PostgresError) -> [Summary.OutcomeCount] {
        var counts: [Summary.OutcomeCount] = []
        for row in try await fetch(.outcomeCounts, [.int(Bound.outcomes)], end) {
            counts.append(
                .init(
                    outcome: try row.string(JobEvent.Kind.outcome.rawValue), channel: try row.string("channel"),
                    count: try row.int("count"), isExact: try row.bool("is_exact")))
        }
        return counts
    }

    private func suppressions(
        _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Summary.SuppressionCount] {
        var counts: [Summary.SuppressionCount] = []
        for row in try await fetch(.suppressionCounts, [.int(Bound.suppressions)], end) {
            counts.append(
                .init(
                    channel: try row.string("channel"), count: try row.int("count"),
                    isExact: try row.bool("is_exact")))
        }
        return counts
    }

    private func doubts(_ end: ContinuousClock.Instant) async throws(PostgresError) -> Summary.Doubts {
        var doubts = Summary.Doubts.none
        for row in try await fetch(.doubtCounts, [.int(Bound.doubts)], end) {
            let (word, count) = (try row.string("word"), try row.int("count"))
            if try !row.bool("is_exact") { doubts.isExact = false }
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

/// How much is read for one look. What is beyond is not counted, and the figure says so.
private enum Bound {
    /// Due rows of one lane, what is due and what comes later apart.
    static let ofLane = 10_000
    /// Entries of the index, of all lanes.
    static let entries = 60_000
    /// Due rows of which it is looked up whether their job has ended.
    static let lookUps = 40_000
    static let lanes = 1_000
    static let outcomes = 20_000
    static let held = 10_000
    static let doubts = 10_000
    static let suppressions = 20_000
}

/// Reads the parts of a summary one after the other, and goes on without those that are late.
private final class PartReader {
    let end: ContinuousClock.Instant
    /// How long one part may take: many times what it needs, and no more than leaves time for others.
    private let patience: Duration
    private(set) var late: [Summary.Part] = []

    init(within deadline: Duration) {
        end = .now + deadline
        patience = deadline * 0.4
    }

    /// Nil when it was late.
    func read<Value>(
        _ part: Summary.Part, _ body: (ContinuousClock.Instant) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value? {
        do throws(PostgresError) {
            return try await body(min(end, .now + patience))
        } catch {
            switch error {
            case .deadlinePassed, .server(.queryCanceled, _, _):
                late.append(part)
                return nil
            default: throw error
            }
        }
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
    static let unfedCounts = Schema.statement("unfed_counts")
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
    static let condition = Schema.statement("condition")
    static let senderStates = Schema.statement("sender_states")
    static let meaning = Schema.statement("meaning")
    static let why = Schema.statement("why")
    static let tryWrite = Schema.statement("try_write")
    static let stoppedPrefixes = Schema.statement("stopped_prefixes")
    static let stoppedCampaigns = Schema.statement("stopped_campaigns")
    static let reportedTroubles = Schema.statement("reported_troubles")
    static let heldJobs = Schema.statement("held_jobs")
    static let releaseHeld = Schema.statement("release_held")
    static let openWishes = Schema.statement("open_wishes")
    static let settleWish = Schema.statement("settle_wish")
}
