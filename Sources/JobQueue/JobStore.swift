public import Delivery
public import Postgres
import Synchronization

/// The queue in PostgreSQL, as one worker uses it. Knows no channel and no provider.
///
/// Every call has the pool's deadline. A take whose answer is lost leaves a lease that nobody holds: `withdraw` gives it
/// back, or at last a `rescue` finds it.
public struct JobStore: WorkStore {
    /// A take that is late has rows that are huge, or a database that is out of order; both are better known soon.
    private static let takeDeadline = Duration.seconds(5)

    private let pool: PostgresPool
    private let ladders = LadderBook()
    private let zones = ZoneBook()

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    // MARK: Taking

    public func look(_ segments: [LaneSegment]) async throws(StoreError) -> LaneSurvey {
        let rows = try await fetch(
            .look,
            [
                .intArray(segments.map(\.lane.rawValue)), .intArray(segments.map(\.after.atMicroseconds)),
                .intArray(segments.map(\.after.jobID)), .intArray(segments.map(\.until.rawValue)),
            ])
        return try read([rows]) { try LaneSurvey($0) }[0]
    }

    public func take(
        _ order: TakeOrder, rule: @escaping @Sendable (Take) -> Verdict
    ) async throws(StoreError) -> Begun {
        let ladders = ladders
        let deciding = Mutex(Deciding())
        let rows: [[Row]]
        do {
            rows = try await pool.exchange(
                [.take(order, knowing: ladders.known)], deadline: Self.takeDeadline,
                ask: { read in
                    deciding.withLock { deciding in
                        deciding = Deciding()
                        return deciding.commands { deciding throws(StoreError) in
                            let take = try Take(rows: read[0], ladders: ladders, isRated: order.campaign != nil)
                            (deciding.verdict, deciding.takenAt) = (rule(take), take.takenAt)
                            return deciding.verdict.question.map { [.capRoom($0)] } ?? []
                        }
                    }
                },
                decide: { _, asked in
                    deciding.withLock { deciding in
                        deciding.commands { deciding throws(StoreError) in
                            if let question = deciding.verdict.question {
                                deciding.verdict = question.settle(try question.rooms(asked))
                            }
                            return deciding.verdict.commands(for: order, takenAt: deciding.takenAt)
                        }
                    }
                })
        } catch {
            throw .database(error)
        }
        let decided = deciding.withLock { $0 }
        if let failure = decided.failure { throw failure }
        return try read([rows]) { try decided.verdict.begun($0) }[0]
    }

    public func holdFirst(of order: TakeOrder, because reason: String) async throws(StoreError) -> Int? {
        let rows = try await fetch(
            .holdFirst,
            [
                .int(order.lane.lane.rawValue), .int(order.floor.atMicroseconds), .int(order.floor.jobID),
                .text(reason), .text(order.worker),
            ])
        return try read(rows) { try $0.int("job_id") }.first
    }

    // MARK: Recording

    /// Of two records that hold the same event the first counts, with its due row; the second's is dropped.
    public func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        for suppression in records.flatMap(\.suppressions) { try await suppress(suppression) }
        try await noteGotThrough(records.flatMap(\.gotThrough))
        for refusal in records.flatMap(\.refusals) { try await note(refusal) }
        try await note(dead: records.flatMap(\.dead))
        try await note(alive: records.flatMap(\.alive))
        try await note(lookups: records.flatMap(\.lookups))
        _ = try await fetch(.record, RecordedRows(records).parameters(worker: worker, doneLeases: doneLeases))
    }

    /// Idempotent.
    private func suppress(_ suppression: Record.Suppression) async throws(StoreError) {
        _ = try await fetch(
            .suppress,
            [
                .int(suppression.jobID), .textArray(suppression.channels.map(\.rawValue).sorted()),
                .text(suppression.reason), .text(suppression.source),
                .int((suppression.at?.microseconds).map { Int($0) }), .int(suppression.generation),
                .textArray(suppression.reach.words),
            ])
    }

    /// Opens the breaker of a sender that the provider refused often enough: nothing is claimed for it until then.
    private func note(_ refusal: Record.SenderRefusal) async throws(StoreError) {
        _ = try await fetch(
            .senderRefused,
            [
                .int(refusal.attempt.jobID), .int(refusal.attempt.generation),
                .double(Double(Consequence.pause.components.seconds)), .text(refusal.reason), .int(refusal.limit),
            ])
    }

    private func note(dead: [Record.DeadRecipient]) async throws(StoreError) {
        guard !dead.isEmpty else { return }
        _ = try await fetch(
            .noteDead,
            [
                .intArray(dead.map(\.jobID)),
                .textArray(dead.map { "{\($0.channels.map(\.rawValue).sorted().joined(separator: ","))}" }),
                .textArray(dead.map(\.code)), .textArray(dead.map(\.failure.rawValue)),
            ])
    }

    private func note(alive: [Record.LivingRecipient]) async throws(StoreError) {
        guard !alive.isEmpty else { return }
        _ = try await fetch(
            .noteAlive, [.intArray(alive.map(\.jobID)), .textArray(alive.map(\.channel.rawValue))])
    }

    private func note(lookups: [Record.LookedUp]) async throws(StoreError) {
        let told = lookups.flatMap { told in told.lookup.answers.map { (told, $0.key, $0.value) } }
        guard !told.isEmpty else { return }
        _ = try await fetch(
            .noteLookups,
            [
                .intArray(told.map(\.0.jobID)), .textArray(told.map(\.0.channel.rawValue)),
                .textArray(told.map(\.1.rawValue)), .textArray(told.map(\.2.found)), .textArray(told.map(\.2.code)),
            ])
    }

    private func noteGotThrough(_ news: [Record.SenderNews]) async throws(StoreError) {
        guard !news.isEmpty else { return }
        _ = try await fetch(
            .sendersGotThrough, [.intArray(news.map(\.jobID)), .intArray(news.map(\.generation))])
    }

    /// Asking again for the same attempt says the same.
    public func adopt(
        _ providerID: String, job: Int, generation: Int, tenant: String, unlessOpen others: LookAlikes
    ) async throws(StoreError) -> Ownership {
        let rows = try await fetch(
            .adoptSend,
            [
                .text(providerID), .int(job), .int(generation), .text(tenant), .int(others.likeness),
                .int((others.begun?.lowerBound.microseconds).map { Int($0) }),
                .int((others.begun?.upperBound.microseconds).map { Int($0) }), .int(others.content),
            ])
        guard let row = rows.first else { throw .unreadable("an adoption answers with one row") }
        return try read([row]) { row in
            try StoreError.value(try row.string("adoption"), of: "adoption", Ownership.init)
        }[0]
    }

    // MARK: Living and dying

    public func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError) {
        _ = try await fetch(.registerWorker, [.text(worker), .text(host), .int(processID), .text(version)])
    }

    /// - Returns: false when the others took this worker for dead: it must go on under another id.
    public func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool {
        try await !fetch(.heartbeat, [.text(worker), .text(state)]).isEmpty
    }

    public func remove(worker: String) async throws(StoreError) {
        _ = try await fetch(.removeWorker, [.text(worker)])
    }

    /// Hands on what dead workers held, and batches of this worker that it does not know of.
    public func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue {
        let rows = try await fetch(
            .rescue,
            [
                .text(worker), .intArray(leases), .double(Double(deadAfter.components.seconds)),
                .double(Double(reconcileAfter.components.seconds)),
            ])
        guard let row = rows.first else { return Rescue(deadWorkers: 0, looks: 0, lost: 0) }
        return try read([row]) {
            Rescue(deadWorkers: try $0.int("dead"), looks: try $0.int("looks"), lost: try $0.int("lost"))
        }[0]
    }

    /// The batches that the database says this worker holds.
    public func leases(of worker: String) async throws(StoreError) -> [Int] {
        try read(try await fetch(.ownLeases, [.text(worker)])) { try $0.int("id") }
    }

    /// Gives back batches of this worker of which certainly nothing was sent: their attempts count as not sent.
    ///
    /// - Returns: how many attempts were begun by them.
    public func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int {
        let rows = try await fetch(.withdraw, [.intArray(leases), .text(worker)])
        return try read(rows) { try $0.int("unsent") }.first ?? 0
    }

    // MARK: Reading

    /// What each code means, by provider and code.
    public func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] {
        let rows = try await fetch(.errorCodes, [])
        // A class that a newer release brought is as a code that nobody listed: the general rule judges it.
        let entries = try read(rows) { row in
            (
                try row.string("provider"), try row.string("code"),
                try FailureClass(rawValue: row.string("class")).map { failure in
                    ErrorClass(
                        failure: failure, retryAfter: try row.optionalInt("retry_after_seconds").map { .seconds($0) })
                }
            )
        }
        return entries.reduce(into: [:]) { $0[$1.0, default: [:]][$1.1] = $1.2 }
    }

    public func contactRules() async throws(StoreError) -> ContactRules {
        let known = zones.fresh
        let clocks = if let known { known } else { try await contactZones() }
        if known == nil { zones.keep(clocks) }
        let rows = try await fetch(.contactRules, [])
        guard let row = rows.first else { throw .unreadable("contact rules: no row") }
        return try read([row]) { try ContactRules($0, zones: clocks) }[0]
    }

    private func contactZones() async throws(StoreError) -> [String: ZoneRules] {
        let rows = try await fetch(.contactZones, [])
        return try read([rows]) { try ZoneBook.zones($0) }[0]
    }

    /// The database's clock, the only one that decides.
    public func clock() async throws(StoreError) -> Instant {
        let rows = try await fetch(.clock, [])
        guard let row = rows.first else { throw .unreadable("clock: no row") }
        return try read([row]) { Instant(microseconds: Int64(try $0.int("now"))) }[0]
    }

    // MARK: Housekeeping

    /// Takes sends that no open lane holds to a sender that serves them now, at most 1,000.
    ///
    /// - Returns: how many were moved.
    public func reroute() async throws(StoreError) -> Int {
        do {
            return try await pool.execute(.reroute, [])
        } catch {
            throw .database(error)
        }
    }

    public func judgePrefixes() async throws(StoreError) -> [Condition.PumpedPrefix] {
        try read(try await fetch(.judgePrefixes, [])) { row in
            Condition.PumpedPrefix(
                prefix: try row.string("prefix"), messages: try row.int("messages"), arrived: try row.int("arrived"),
                isStopped: try row.bool("was_enforced"))
        }
    }

    /// Makes room ahead of the newest job, and drops rate windows that are over, open sends that are settled, numbers
    /// that are not dead any more, and what was looked up too long ago.
    public func keepHouse() async throws(StoreError) {
        _ = try await fetch(.createPartitions, [])
        _ = try await fetch(.dropOldWindows, [])
        _ = try await fetch(.dropSettledSends, [])
        _ = try await fetch(.dropCapUses, [])
        _ = try await fetch(.dropOldCalls, [])
        _ = try await fetch(.dropRevived, [])
        _ = try await fetch(.dropOldLookups, [])
    }

    func fetch(_ statement: Statement, _ parameters: [Parameter]) async throws(StoreError) -> [Row] {
        do {
            return try await pool.fetch(statement, parameters)
        } catch {
            throw .database(error)
        }
    }

    func read<Source, Value>(
        _ rows: [Source], _ make: (Source) throws -> Value
    ) throws(StoreError) -> [Value] {
        do {
            return try rows.map(make)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(String(describing: error))
        }
    }
}

/// What one transaction of a take has come to.
private struct Deciding: Sendable {
    var verdict = Verdict()
    var takenAt = Instant(microseconds: 0)
    /// Why nothing is done.
    var failure: StoreError?

    /// What to send next: nothing after a failure, which is kept.
    mutating func commands(_ next: (inout Deciding) throws(StoreError) -> [Command]) -> [Command] {
        guard failure == nil else { return [] }
        do throws(StoreError) {
            return try next(&self)
        } catch {
            failure = error
            return []
        }
    }
}
