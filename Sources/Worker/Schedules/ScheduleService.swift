import Delivery
public import JobQueue
public import Logging
import Postgres
public import ServiceLifecycle
import Synchronization

/// Fires schedules when their time comes, and works off what is to be fired of times that have passed.
///
/// Every worker has one. None leads: what one has fired, the others find fired.
public struct ScheduleService: Service {
    private static let waitingEvery = Duration.seconds(1)
    private static let forgetEvery = Duration.seconds(3_600)

    private let store: ScheduleStore
    private let ticker: ScheduleTicker
    private let clock: WorkClock
    private let logger: Logger

    public init(_ store: ScheduleStore, clock: WorkClock = .system, logger: Logger) {
        self.store = store
        ticker = ScheduleTicker(store, clock: clock, logger: logger)
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await ticker.run() }
                group.addTask {
                    await repeating(Self.waitingEvery) { () async throws(PostgresError) in try await store.fireWaiting()
                    }
                }
                group.addTask {
                    await repeating(Self.waitingEvery) { () async throws(PostgresError) in
                        while try await store.backfill(), !Task.isCancelled {}
                    }
                }
                group.addTask {
                    await repeating(Self.forgetEvery) { () async throws(PostgresError) in try await store.forget() }
                }
            }
        }
    }

    private func repeating(_ pause: Duration, _ body: () async throws(PostgresError) -> Void) async {
        await clock.repeating(every: pause, orSay: "Could not keep the schedules; trying again", to: logger, body)
    }
}

/// Looks for schedules whose time has come, decides by their rules, and writes down what comes of it.
package struct ScheduleTicker: Sendable {
    /// Schedules that fire in one commit: more at once would make the first wait for the last.
    private static let part = 20
    /// After a look that could not be kept, and after one that found a schedule which cannot be read here.
    private static let (pause, longPause) = (Duration.seconds(10), Duration.seconds(600))

    private let store: any FireStore
    private let interval: Duration
    private let clock: WorkClock
    private let logger: Logger

    /// - Parameter interval: from one look to the next, give or take a fifth.
    package init(
        _ store: any FireStore, every interval: Duration = .milliseconds(250), clock: WorkClock, logger: Logger
    ) {
        self.store = store
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Until cancelled.
    package func run() async {
        while !Task.isCancelled {
            await tick()
            await clock.pause(interval)
        }
    }

    private func tick() async {
        do throws(StoreError) {
            while try await advance(atMost: Self.part), !Task.isCancelled {}
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("Could not look for schedules; trying again", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: whether there may be more to do at once.
    private func advance(atMost count: Int) async throws(StoreError) -> Bool {
        let found = Mutex<[DueSchedule]>([])
        do throws(StoreError) {
            let firings = try await store.advance(atMost: count) { due in
                found.withLock { $0 = due }
                return due.compactMap(\.advance)
            }
            for firing in firings { tell(firing) }
        } catch {
            // One that cannot be kept keeps no other from it: they are tried one by one, and it comes later.
            guard case .database(.server) = error, let first = found.withLock({ $0.first }) else { throw error }
            guard count == 1 else { return try await advanceOneByOne() }
            try await putOff(first.id, by: Self.pause, because: "\(error)")
            return true
        }
        let due = found.withLock { $0 }
        for schedule in due {
            guard let problem = schedule.problem else { continue }
            try await putOff(schedule.id, by: Self.longPause, because: problem)
        }
        return due.count == count
    }

    private func advanceOneByOne() async throws(StoreError) -> Bool {
        for _ in 0..<Self.part where !Task.isCancelled {
            guard try await advance(atMost: 1) else { return false }
        }
        return true
    }

    private func putOff(_ id: Int, by pause: Duration, because problem: String) async throws(StoreError) {
        logger.warning(
            "Could not keep what a schedule came to; trying again",
            metadata: ["schedule": "\(id)", "problem": "\(problem)"])
        try await store.putOff(id, by: pause, because: problem)
    }

    private func tell(_ firing: Firing) {
        WorkerMetrics.scheduleFired(firing.outcome)
        let metadata: Logger.Metadata = [
            "schedule": "\(firing.schedule)", JobEvent.Kind.outcome.rawValue: "\(firing.outcome.rawValue)",
        ]
        switch firing.outcome {
        case .fired, .waiting, .skipped: logger.info("A schedule's time came", metadata: metadata)
        case .failed:
            logger.error(
                "A schedule could not make what it makes: see `outrider schedule show`",
                metadata: metadata.merging(["problem": "\(firing.reason)"]) { _, new in new })
        }
    }
}
