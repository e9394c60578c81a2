import Delivery
public import JobQueue
public import Logging
import Postgres
public import ServiceLifecycle

/// Keeps campaigns going: feeds due rows as their lanes drain, reads their audiences, ends what was canceled, folds counts, and
/// pauses what may not go on.
///
/// Every worker has one. None leads: what one has done, the others find done.
public struct CampaignService: Service {
    private static let foldEvery = Duration.seconds(3)
    private static let judgeEvery = Duration.seconds(1)
    private static let loadEvery = Duration.seconds(1)

    private let store: CampaignStore
    private let feeder: CampaignFeeder
    private let loader: AudienceLoader
    private let clock: WorkClock
    private let logger: Logger

    public init(
        _ store: CampaignStore, audiences: AudienceStore, clock: WorkClock = .system, logger: Logger
    ) {
        self.store = store
        feeder = CampaignFeeder(store, clock: clock, logger: logger)
        loader = AudienceLoader(store: audiences, clock: clock, logger: logger)
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await feeder.run() }
                group.addTask { await repeating(Self.foldEvery) { () async throws(PostgresError) in try await fold() } }
                group.addTask {
                    await repeating(Self.judgeEvery) { () async throws(PostgresError) in try await judge() }
                }
                group.addTask {
                    await repeating(Self.loadEvery) { () async throws(PostgresError) in try await loader.loadNext() }
                }
            }
        }
        await loader.leave()
    }

    private func repeating(_ pause: Duration, _ body: () async throws(PostgresError) -> Void) async {
        await clock.repeating(every: pause, orSay: "Could not keep the campaigns; trying again", to: logger, body)
    }

    private func judge() async throws(PostgresError) {
        for campaign in try await store.judge() {
            logger.error(
                "A campaign was paused by itself",
                metadata: ["campaign": "\(campaign.id)", "reason": "\(campaign.reason)"])
        }
    }

    private func fold() async throws(PostgresError) {
        while try await store.fold(), !Task.isCancelled {}
        try await store.finish()
        while try await store.forget(), !Task.isCancelled {}
    }
}
