import Delivery
import JobQueue
import Logging
import Synchronization

/// Writes records in group commits: while one commit is under way, the next group gathers.
///
/// A failed commit is repeated until it succeeds, with growing pauses: what a provider answered is never dropped. Callers
/// hold their slots meanwhile, so what waits here is bounded by the worker's concurrency.
final class Recorder: Sendable {
    private struct Entry: Sendable {
        var record: Record
        var lease: Int
        var done: CheckedContinuation<Void, Never>
    }

    /// Larger commits were measured to be slower for everybody.
    private static let groupSize = 128

    private let store: any WorkStore
    private let identity: WorkerIdentity
    private let leases: LeaseLedger
    private let clock: WorkClock
    private let logger: Logger
    private struct Waiting {
        var entries: [Entry] = []
        /// Nobody writes any more.
        var isClosed = false
    }

    private let waiting = Mutex(Waiting())
    private let signal = Signal()

    init(store: any WorkStore, identity: WorkerIdentity, leases: LeaseLedger, clock: WorkClock, logger: Logger) {
        self.store = store
        self.identity = identity
        self.leases = leases
        self.clock = clock
        self.logger = logger
    }

    /// Returns once the record is committed, or once `run` is cancelled: then the lease is left to the other workers.
    func record(_ record: Record, lease: Int) async {
        await withCheckedContinuation { done in
            let isClosed = waiting.withLock { waiting in
                if !waiting.isClosed { waiting.entries.append(Entry(record: record, lease: lease, done: done)) }
                return waiting.isClosed
            }
            guard !isClosed else { return done.resume() }
            signal.wake()
        }
    }

    /// No more records come.
    func finish() {
        signal.finish()
    }

    func run() async {
        for await _ in signal.stream {
            await writeAll()
        }
        await writeAll()
        let late = waiting.withLock { waiting in
            waiting.isClosed = true
            return waiting.entries
        }
        for entry in late { entry.done.resume() }
    }

    private func writeAll() async {
        while let group = takeGroup() {
            await commit(group)
            for entry in group { entry.done.resume() }
        }
    }

    private func takeGroup() -> [Entry]? {
        waiting.withLock { waiting in
            guard !waiting.entries.isEmpty else { return nil }
            let group = Array(waiting.entries.prefix(Self.groupSize))
            waiting.entries.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Entry]) async {
        let groupLeases = group.map(\.lease)
        var pause = Duration.milliseconds(50)
        while true {
            do throws(StoreError) {
                try await store.record(
                    group.map(\.record), worker: identity.id, doneLeases: leases.settled(groupLeases))
                leases.finish(groupLeases)
                return
            } catch {
                DispatchMetrics.recordFailed()
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
