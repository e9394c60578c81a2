import Delivery
import DequeModule
import JobQueue
import Logging
import Synchronization

/// Writes records in group commits: the next group gathers while one commit is under way, and for a while after it.
///
/// A failed commit is repeated until it succeeds, with growing pauses: what a provider answered is never dropped. Callers
/// go on with the next request meanwhile, but for when too many records wait: then they wait too.
final class Recorder: Sendable {
    private struct Entry: Sendable {
        var record: Record
        var lease: Int
    }

    /// Larger commits were measured to be slower for everybody.
    private static let groupSize = 128
    /// How long the first record of a group waits for others: three times as long as it takes to write one, so
    /// that many small workers do not commit each record by itself. Never so long that a kill leaves much to reconcile.
    private static let gathering = Duration.milliseconds(5)...Duration.milliseconds(40)
    /// Records that are worth a commit at once.
    private static let worthwhile = 48
    /// Records that may wait without holding up who brings them.
    private static let roomy = 1_024

    private let store: any WorkStore
    private let identity: WorkerIdentity
    private let leases: LeaseLedger
    private let clock: WorkClock
    private let logger: Logger
    /// Told of each write: why it was refused, or nil when it was taken.
    private let onWrite: @Sendable (String?) -> Void
    private struct Waiting {
        var entries: Deque<Entry> = []
        /// Who brought a record when there was no room, until there is.
        var patient: Deque<CheckedContinuation<Void, Never>> = []
        /// Nobody writes any more.
        var isClosed = false
        /// Whether an urgent message goes on by one of the records.
        var isPressing = false
    }

    private let waiting = Mutex(Waiting())
    /// How long the next group gathers.
    private let span = Mutex(Recorder.gathering.lowerBound)
    private let signal = Signal()

    init(
        store: any WorkStore, identity: WorkerIdentity, leases: LeaseLedger, clock: WorkClock, logger: Logger,
        onWrite: @escaping @Sendable (String?) -> Void
    ) {
        self.onWrite = onWrite
        self.store = store
        self.identity = identity
        self.leases = leases
        self.clock = clock
        self.logger = logger
    }

    /// Hands a record over. It is written soon, unless `run` is cancelled first: then the lease is left to the other workers.
    func add(_ record: Record, lease: Int) async {
        let isFull = waiting.withLock { waiting in
            guard !waiting.isClosed else { return false }
            waiting.entries.append(Entry(record: record, lease: lease))
            waiting.isPressing = waiting.isPressing || record.isPressing
            return waiting.entries.count > Self.roomy
        }
        signal.wake()
        guard isFull else { return }
        await withCheckedContinuation { patient in
            let isOver = waiting.withLock { waiting in
                guard !waiting.isClosed, waiting.entries.count > Self.roomy else { return true }
                waiting.patient.append(patient)
                return false
            }
            if isOver { patient.resume() }
        }
    }

    /// No more records come.
    func finish() {
        signal.finish()
    }

    func run() async {
        for await _ in signal.stream {
            if !isWorthACommit { await gather() }
            await write()
        }
        while waiting.withLock({ !$0.entries.isEmpty }) { await write() }
        let patient = waiting.withLock { waiting in
            waiting.isClosed = true
            defer { waiting.patient = [] }
            return waiting.patient
        }
        for caller in patient { caller.resume() }
    }

    /// Waits for more records, in slices, until there are enough for a commit or one of them is pressing.
    private func gather() async {
        let end = clock.now + span.withLock { $0 }
        repeat {
            try? await clock.sleep(for: Self.gathering.lowerBound)
        } while !isWorthACommit && clock.now < end && !Task.isCancelled
    }

    private var isWorthACommit: Bool {
        waiting.withLock { $0.isPressing || $0.entries.count >= Self.worthwhile }
    }

    /// Writes a group, and more while there are enough. What few came meanwhile have woken the loop, and gather.
    private func write() async {
        var isFull = true
        while isFull || isWorthACommit {
            let (group, patient) = takeGroup()
            for caller in patient { caller.resume() }
            guard !group.isEmpty else { return }
            await commit(group)
            isFull = group.count == Self.groupSize
        }
    }

    private func takeGroup() -> (group: [Entry], patient: Deque<CheckedContinuation<Void, Never>>) {
        waiting.withLock { waiting in
            waiting.isPressing = false
            let group = Array(waiting.entries.prefix(Self.groupSize))
            waiting.entries.removeFirst(group.count)
            guard waiting.entries.count <= Self.roomy else { return (group, []) }
            defer { waiting.patient = [] }
            return (group, waiting.patient)
        }
    }

    private func commit(_ group: [Entry]) async {
        let groupLeases = group.map(\.lease)
        var pause = Duration.milliseconds(50)
        while true {
            do throws(StoreError) {
                let begunAt = clock.now
                try await store.record(
                    group.map(\.record), worker: identity.id, doneLeases: leases.settled(groupLeases))
                adapt(to: clock.now - begunAt)
                leases.finish(groupLeases)
                onWrite(nil)
                return
            } catch {
                WorkerMetrics.recordFailed()
                if error.refusesWrites { onWrite("what was learnt could not be recorded: \(error)") }
                logger.error(
                    "Could not record what was learnt; trying again",
                    metadata: ["error": "\(error)", "records": "\(group.count)"])
                guard error.mayPass else {
                    await isolate(group)
                    return
                }
            }
            do {
                try await clock.sleep(for: pause)
            } catch {
                logger.critical(
                    "Stopping with records unwritten; the other workers will reconcile these jobs",
                    metadata: ["records": "\(group.count)"])
                return
            }
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func adapt(to commit: Duration) {
        span.withLock { $0 = min(max(commit * 3, Self.gathering.lowerBound), Self.gathering.upperBound) }
    }

    /// One record that the database will never take must not hold up the others of its group. It is left to the rescue,
    /// which reconciles the attempt: what the provider answered is in the log as an error, and nothing is sent twice.
    private func isolate(_ group: [Entry]) async {
        guard group.count > 1 else {
            leases.forget(group.map(\.lease))
            logger.critical(
                "The database refuses a record for good; its job will be reconciled",
                metadata: ["job.id": "\(group.first?.record.events.first?.jobID ?? 0)"])
            return
        }
        for entry in group { await commit([entry]) }
    }
}
