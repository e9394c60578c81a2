public import Delivery
import Foundation
public import Postgres

/// The queue in PostgreSQL, as one worker uses it: claim, record, rescue. Knows no channel and no provider.
///
/// Every call has the pool's deadline. A claim whose answer is lost leaves a lease that nobody holds: `withdraw` gives it
/// back, or at last a `rescue` finds it.
public struct JobStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    // MARK: Claiming

    /// Claims due sends of one lane, at most `limit` and no more than the sender's rate allows. Rows that another worker
    /// holds are skipped, never waited for.
    ///
    /// - Throws: `StoreError`. After `.unreadable` the batch has been given back.
    public func claimSends(
        _ lane: Lane, from floor: DueKey, limit: Int, worker: String, allowance: RateAllowance?
    ) async throws(StoreError) -> Claim {
        precondition(limit > 0, "a claim asks for something")
        return try await claim(
            .claimSends,
            [
                .int(lane.rawValue), .int(floor.atMicroseconds), .int(floor.jobID), .int(limit), .text(worker),
                .int(lane.senderID), .int(allowance?.windowMilliseconds), .int(allowance?.perWindow),
                .int(allowance?.slot), .int(allowance?.remaining ?? 0),
            ])
    }

    /// Claims due wake-ups that send nothing.
    public func claimWakes(from floor: DueKey, limit: Int, worker: String) async throws(StoreError) -> Claim {
        precondition(limit > 0, "a claim asks for something")
        return try await claim(
            .claimWakes, [.int(floor.atMicroseconds), .int(floor.jobID), .int(limit), .text(worker)])
    }

    private func claim(_ statement: Statement, _ parameters: [Parameter]) async throws(StoreError) -> Claim {
        let rows = try await fetch(statement, parameters)
        do {
            return try Claim(rows: rows)
        } catch {
            if let lease = rows.first.flatMap({ try? $0.optionalInt("lease_id") }) {
                _ = try await fetch(.abandonLeases, [.intArray([lease])])
            }
            throw error
        }
    }

    /// Those of `lanes` in which something is due, the most urgent first.
    public func lanesDue(_ lanes: [(lane: Lane, floor: DueKey)]) async throws(StoreError) -> [Lane] {
        let rows = try await fetch(
            .lanesDue,
            [
                .intArray(lanes.map(\.lane.rawValue)), .intArray(lanes.map(\.floor.atMicroseconds)),
                .intArray(lanes.map(\.floor.jobID)),
            ])
        return try read(rows) { Lane(rawValue: try $0.int("lane")) }
    }

    // MARK: Recording

    /// Adds what was learnt, in one commit. Repeating it after a lost answer adds nothing twice. Of two records that hold
    /// the same event the first counts, with its due row; the second's is dropped.
    public func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        for suppression in records.flatMap(\.suppressions) { try await suppress(suppression) }
        for pause in records.flatMap(\.pauses) { try await pauseSender(pause) }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let rows = RecordedRows(records)
        let facts = rows.events.map { StoredFact($0, worker: worker) }
        let dueRows = rows.dueRows.map { StoredDueRow($0.row, fence: $0.fence) }
        do {
            let factsJSON = String(decoding: try encoder.encode(facts), as: UTF8.self)
            let dueRowsJSON = String(decoding: try encoder.encode(dueRows), as: UTF8.self)
            let settled = records.compactMap(\.settled)
            _ = try await pool.fetch(
                .record,
                [
                    .text(factsJSON), .text(dueRowsJSON), .intArray(doneLeases), .intArray(settled.map(\.key)),
                    .intArray(settled.map(\.jobID)), .intArray(settled.map(\.generation)),
                ])
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .unreadable("a record could not be written as JSON")
        }
    }

    /// Idempotent.
    private func suppress(_ suppression: Record.Suppression) async throws(StoreError) {
        _ = try await fetch(
            .suppress,
            [
                .int(suppression.jobID), .textArray(suppression.channels.map(\.rawValue).sorted()),
                .text(suppression.reason), .text(suppression.source),
                .int((suppression.at?.microseconds).map { Int($0) }),
            ])
    }

    /// Opens the breaker of a sender that the provider refuses: nothing is claimed for it until then.
    private func pauseSender(_ pause: Record.SenderPause) async throws(StoreError) {
        _ = try await fetch(
            .pauseSender,
            [
                .int(pause.jobID), .int(pause.generation), .double(Double(Consequence.pause.components.seconds)),
                .text(pause.reason),
            ])
    }

    /// Takes a message that a listing showed for this attempt. Asking again for the same attempt says the same.
    ///
    /// - Returns: false when it is another attempt's.
    public func adopt(_ providerID: String, job: Int, generation: Int) async throws(StoreError) -> Bool {
        let rows = try await fetch(.adopt, [.text(providerID), .int(job), .int(generation)])
        return try read(rows) { try $0.bool("is_ours") }.first ?? false
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
        guard let row = rows.first else { return Rescue(deadWorkers: 0, wakes: 0, lost: 0) }
        return try read([row]) {
            Rescue(deadWorkers: try $0.int("dead"), wakes: try $0.int("wakes"), lost: try $0.int("lost"))
        }[0]
    }

    /// The batches that the database says this worker holds.
    public func leases(of worker: String) async throws(StoreError) -> [Int] {
        try read(try await fetch(.leases, [.text(worker)])) { try $0.int("id") }
    }

    /// Gives back batches of this worker of which certainly nothing was sent: their attempts count as not sent.
    ///
    /// - Returns: how many attempts were begun by them.
    public func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int {
        let rows = try await fetch(.withdraw, [.intArray(leases), .text(worker)])
        return try read(rows) { try $0.int("unsent") }.first ?? 0
    }

    // MARK: Reading

    public func senders() async throws(StoreError) -> [SenderState] {
        try read(try await fetch(.senders, [])) {
            SenderState(
                id: try $0.int("id"),
                channel: try StoreError.value(try $0.string("channel"), of: "channel", Channel.init),
                rate: try $0.optionalDouble("rate"), isOpen: try $0.bool("is_open"))
        }
    }

    /// What each code means, by provider and code.
    public func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] {
        let rows = try await fetch(.errorCodes, [])
        let entries = try read(rows) { row in
            (
                try row.string("provider"), try row.string("code"),
                ErrorClass(
                    failure: try StoreError.value(try row.string("class"), of: "class", FailureClass.init),
                    retryAfter: try row.optionalInt("retry_after_seconds").map { .seconds($0) })
            )
        }
        return entries.reduce(into: [:]) { $0[$1.0, default: [:]][$1.1] = $1.2 }
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

    /// Makes room ahead of the newest job, and drops rate windows that are over and open sends that are settled.
    public func keepHouse() async throws(StoreError) {
        _ = try await fetch(.createPartitions, [])
        _ = try await fetch(.dropOldWindows, [])
        _ = try await fetch(.dropSettledSends, [])
    }

    private func fetch(_ statement: Statement, _ parameters: [Parameter]) async throws(StoreError) -> [Row] {
        do {
            return try await pool.fetch(statement, parameters)
        } catch {
            throw .database(error)
        }
    }

    private func read<Value>(_ rows: [Row], _ make: (Row) throws -> Value) throws(StoreError) -> [Value] {
        do {
            return try rows.map(make)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(String(describing: error))
        }
    }
}
