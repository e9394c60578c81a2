import Delivery
public import JobQueue
public import Logging
import Postgres
public import ServiceLifecycle

/// Keeps the figures of a worker's database quick to read, and says what keeps this worker from sending.
///
/// It has loops of its own: a count that takes long must not hold up a heartbeat.
public struct TallyService: Service {
    private static let tallyEvery = Duration.seconds(20)
    private static let reportEvery = Duration.seconds(2)
    /// Reports are repeated as long as they hold, this many turns apart.
    private static let repeatAfter = 2

    private let store: TallyStore
    private let watch: ProviderWatch
    private let seals: SealWatch
    private let process: String
    private let clock: WorkClock
    private let logger: Logger

    public init(_ store: TallyStore, watch: ProviderWatch, seals: SealWatch, clock: WorkClock = .system, logger: Logger)
    {
        self.store = store
        self.watch = watch
        self.seals = seals
        process = WorkerIdentity(clock: clock).id
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await tally() }
                group.addTask { await report() }
            }
        }
        try? await store.report([], of: process)  // What is not taken back is forgotten within moments.
    }

    private func tally() async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                while try await store.tally(), !Task.isCancelled {}
                try await store.tallySuppressions()
            } catch {
                logger.debug("Could not tally; figures stay older", metadata: ["error": "\(error)"])
            }
            try? await clock.sleep(for: Self.tallyEvery)
        }
    }

    private func report() async {
        var reported: [Trouble.Key] = []
        var turns = 0
        while !Task.isCancelled {
            let troubles = watch.troubles + seals.troubles
            let keys = troubles.map(\.key)
            turns += 1
            if keys != reported || !keys.isEmpty && turns >= Self.repeatAfter {
                do throws(PostgresError) {
                    try await store.report(troubles, of: process)
                    (reported, turns) = (keys, 0)
                } catch {
                    logger.debug("Could not report a trouble", metadata: ["error": "\(error)"])
                }
            }
            try? await clock.sleep(for: Self.reportEvery)
        }
    }
}
