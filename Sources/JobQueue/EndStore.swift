public import Delivery
import Postgres
import Schema

/// What a worker needs of the calls that are to be ended: tables, locks and fences, and no rule.
public protocol EndStore: Sendable {
    /// Takes calls that are to be ended. Nobody else gets them until `patience` is over: by then it is settled what came of
    /// them, or the worker is dead.
    func takeEnds(atMost count: Int, patience: Duration) async throws(StoreError) -> [EndOrder]

    /// Writes down what came of them. Repeating it adds nothing.
    func settleEnds(_ settled: [SettledEnd], worker: String) async throws(StoreError)
}

/// One call that is to be ended.
public struct EndOrder: Sendable, Hashable {
    public var jobID: Int
    public var generation: Int
    /// Nil: a later release gave a reason that this one does not know.
    public var reason: EndReason?
    /// How often it was taken, this time included.
    public var tries: Int
    /// Since somebody asked for the end.
    public var waited: Duration
    public var history: JobHistory

    public init(
        jobID: Int, generation: Int, reason: EndReason?, tries: Int, waited: Duration, history: JobHistory
    ) {
        self.jobID = jobID
        self.generation = generation
        self.reason = reason
        self.tries = tries
        self.waited = waited
        self.history = history
    }

    /// What is to be done about it now.
    public var ending: CallEnding {
        CallEnding(
            of: history.attempts.first { $0.generation == generation }, providerID: history.providerIDs[generation],
            waited: waited)
    }
}

/// What came of ending one call.
public struct SettledEnd: Sendable, Hashable {
    public var order: EndOrder
    public var came: CallEnding

    public init(_ order: EndOrder, _ came: CallEnding) {
        self.order = order
        self.came = came
    }

    /// Nil while it is not known.
    public var event: JobEvent? {
        guard case .over(let stage, let reason) = came else { return nil }
        return .reconciled(.ending(stage, order.reason, reason: reason))
    }

    /// Until it is tried again.
    public var pause: Duration? {
        if case .wait(let pause) = came { pause } else { nil }
    }
}

extension JobStore: EndStore {
    public func takeEnds(atMost count: Int, patience: Duration) async throws(StoreError) -> [EndOrder] {
        let rows = try await fetch(.takeEnds, [.int(count), .double(patience / .seconds(1))])
        return try read(rows) { row in
            let job = try row.int("job_id")
            return EndOrder(
                jobID: job, generation: try row.int("generation"),
                reason: EndReason(rawValue: try row.string("reason")), tries: try row.int("tries"),
                waited: .microseconds(try row.int("waited")),
                history: JobHistory(try EventRow.events(try row.optionalString("history") ?? "[]", of: job)))
        }
    }

    public func settleEnds(_ settled: [SettledEnd], worker: String) async throws(StoreError) {
        let columns = settled.map { $0.event?.columns }
        _ = try await fetch(
            .settleEnds,
            [
                .intArray(settled.map(\.order.jobID)), .intArray(settled.map(\.order.generation)),
                .textArray(columns.map { $0?.status }), .textArray(columns.map { $0?.code }),
                .textArray(columns.map { $0?.reason }),
                .textArray(settled.map { ($0.pause ?? .zero) / .seconds(1) }.map { String($0) }), .text(worker),
            ])
    }
}

extension Statement {
    static let takeEnds = Schema.statement("take_ends")
    static let settleEnds = Schema.statement("settle_ends")
    static let dropOldCalls = Schema.statement("drop_old_calls")
}
