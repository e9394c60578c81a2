import JobQueue
public import Postgres
import Schema

/// Stores what providers and people tell us, durably, many callers to one commit.
///
/// A commit costs a disk flush, whether it holds one row or a hundred, so callers that come within a few milliseconds
/// share one. Each returns only after the commit that holds its rows.
public actor ReceiptStore {
    /// The bounds of the store.
    public struct Limits: Sendable {
        /// The most arrivals one commit holds, unless a single caller brings more.
        public var batch: Int
        /// How long the first caller waits for others to join.
        public var gathering: Duration
        /// The most arrivals that may wait.
        public var waiting: Int
        /// How long the database may take for one commit. A caller waits at most twice as long.
        public var deadline: Duration

        public init(
            batch: Int = 128, gathering: Duration = .milliseconds(3), waiting: Int = 10_000,
            deadline: Duration = .milliseconds(2_500)
        ) {
            precondition(batch > 0 && waiting > 0)
            self.batch = batch
            self.gathering = gathering
            self.waiting = waiting
            self.deadline = deadline
        }
    }

    private struct Caller {
        let arrivals: [Arrival]
        let answer: CheckedContinuation<Result<[Arrival.Fate], ReceiptStoreError>, Never>
    }

    private let database: PostgresPool
    private let limits: Limits
    private let classes = ErrorClasses()
    private var callers: [Caller] = []
    private var waitingArrivals = 0
    private var isFlushing = false

    public init(_ database: PostgresPool, limits: Limits = Limits()) {
        self.database = database
        self.limits = limits
    }

    /// Returns once the arrivals are committed. Never waits past twice the limits' deadline, even when its task is
    /// cancelled: the rows of a caller that has gone are stored all the same.
    /// - Returns: the fate of each arrival, in order.
    /// - Throws: `.full`, `.database`; both mean "ask the sender to repeat".
    @discardableResult
    public func store(_ arrivals: [Arrival]) async throws(ReceiptStoreError) -> [Arrival.Fate] {
        guard !arrivals.isEmpty else { return [] }
        guard waitingArrivals + arrivals.count <= limits.waiting else { throw .full }
        let result = await withCheckedContinuation { answer in
            callers.append(Caller(arrivals: arrivals, answer: answer))
            waitingArrivals += arrivals.count
            startFlushing()
        }
        return try result.get()
    }

    private func startFlushing() {
        guard !isFlushing else { return }
        isFlushing = true
        // Not awaited by anybody: it belongs to all callers, each of which waits for its own answer, and it ends when none
        // is left.
        Task { await flush() }
    }

    private func flush() async {
        while !callers.isEmpty {
            if waitingArrivals < limits.batch { try? await Task.sleep(for: limits.gathering) }
            await commit(takeBatch())
        }
        isFlushing = false
    }

    private func takeBatch() -> [Caller] {
        var size = 0
        let batch = callers.prefix { caller in
            defer { size += caller.arrivals.count }
            return size == 0 || size + caller.arrivals.count <= limits.batch
        }
        callers.removeFirst(batch.count)
        waitingArrivals -= batch.reduce(0) { $0 + $1.arrivals.count }
        return Array(batch)
    }

    private func commit(_ batch: [Caller]) async {
        do throws(PostgresError) {
            var fates = try await storeRetrying(batch.flatMap(\.arrivals))[...]
            for caller in batch {
                caller.answer.resume(returning: .success(Array(fates.prefix(caller.arrivals.count))))
                fates = fates.dropFirst(caller.arrivals.count)
            }
        } catch {
            await settle(batch, after: error)
        }
    }

    /// One repeat for a deadlock or a dead connection, which cost nothing to repeat.
    private func storeRetrying(_ arrivals: [Arrival]) async throws(PostgresError) -> [Arrival.Fate] {
        let batch = ArrivalBatch(arrivals, classes: classes)
        let end = ContinuousClock.now + limits.deadline
        try await refreshClasses()
        do throws(PostgresError) {
            return try await batch.store(in: database, deadline: limits.deadline)
        } catch {
            let remaining = end - ContinuousClock.now
            guard error.sqlState != nil, error.isRetryable, remaining > .zero else { throw error }
            return try await batch.store(in: database, deadline: remaining)
        }
    }

    /// Reads what provider codes mean once a minute, as workers do. What was read before serves while that fails.
    private func refreshClasses() async throws(PostgresError) {
        let age = classes.age
        guard age.map({ $0 > Self.classesLast }) ?? true else { return }
        do throws(StoreError) {
            classes.replace(with: try await JobStore(pool: database).errorClasses())
        } catch {
            guard age == nil, case .database(let error) = error else { return }
            throw error
        }
    }

    private static let classesLast = Duration.seconds(60)

    /// A row the database refuses must not take the others with it. Any other failure is everybody's, so nobody waits for
    /// the next attempt to fail as well.
    private func settle(_ batch: [Caller], after error: PostgresError) async {
        if error.sqlState?.refusesData == true {
            guard batch.count > 1 else {
                return batch.forEach { $0.answer.resume(returning: .failure(.database(error))) }
            }
            for caller in batch { await commit([caller]) }
            return
        }
        let failed = batch + callers
        callers = []
        waitingArrivals = 0
        for caller in failed { caller.answer.resume(returning: .failure(.database(error))) }
    }
}

extension SQLState {
    /// Classes 22 (data exception), 23 (integrity constraint) and 54 (a limit, such as an index row too long).
    fileprivate var refusesData: Bool { ["22", "23", "54"].contains(errorClass) }
}

/// Why arrivals were not stored. The sender must be told to try again later: storing twice is harmless.
public enum ReceiptStoreError: Error, Sendable, Equatable {
    /// More arrivals wait than the store may hold.
    case full
    /// The database refused or did not answer in time. What was to be stored may or may not be.
    case database(PostgresError)
}

extension ReceiptStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full: "too many arrivals wait to be stored"
        case .database(let error): error.description
        }
    }
}

extension Statement {
    static let storeReceipts = Schema.statement("store_receipts")
    static let findAttempts = Schema.statement("find_attempts")
    static let liftSuppressions = Schema.statement("lift_suppressions")
    static let lockWords = Schema.statement("lock_words")
    static let storeInbound = Schema.statement("store_inbound")
    static let storeWishes = Schema.statement("store_wishes")
    static let storeSuppressions = Schema.statement("store_suppressions")
}
