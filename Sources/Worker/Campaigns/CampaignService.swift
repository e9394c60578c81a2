import Delivery
public import JobQueue
public import Logging
import Postgres
public import ServiceLifecycle

/// Keeps campaigns going: feeds due rows as their lanes drain, reads their audiences, ends what was canceled, and folds counts.
///
/// Every worker has one. None leads: what one has done, the others find done.
public struct CampaignService: Service {
    private static let tendEvery = Duration.milliseconds(500)
    private static let foldEvery = Duration.seconds(3)
    private static let loadEvery = Duration.seconds(1)

    private let store: CampaignStore
    private let loader: AudienceLoader
    private let clock: WorkClock
    private let logger: Logger

    public init(
        _ store: CampaignStore, audiences: AudienceStore, clock: WorkClock = .system, logger: Logger
    ) {
        self.store = store
        loader = AudienceLoader(store: audiences, logger: logger)
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await repeating(Self.tendEvery) { () async throws(PostgresError) in try await tend() } }
                group.addTask { await repeating(Self.foldEvery) { () async throws(PostgresError) in try await fold() } }
                group.addTask {
                    await repeating(Self.loadEvery) { () async throws(PostgresError) in try await loader.loadNext() }
                }
            }
        }
        await loader.leave()
    }

    /// Does it again and again, jittered so that workers do not fall into step; until cancelled.
    private func repeating(_ pause: Duration, _ body: () async throws(PostgresError) -> Void) async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await body()
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("Could not tend the campaigns; trying again", metadata: ["error": "\(error)"])
            }
            var random = clock.random
            try? await clock.sleep(for: pause * Double.random(in: 0.8...1.2, using: &random))
        }
    }

    /// One that cannot be tended keeps no other from it.
    private func tend() async throws(PostgresError) {
        for campaign in try await store.waiting() where !Task.isCancelled {
            do throws(PostgresError) {
                if campaign.isOver {
                    while try await store.sweep(campaign.id) > 0, !Task.isCancelled {}
                } else {
                    while try await store.feed(campaign.id) > 0, !Task.isCancelled {}
                }
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning(
                    "Could not tend a campaign; trying again",
                    metadata: ["campaign": "\(campaign.id)", "error": "\(error)"])
            }
        }
    }

    private func fold() async throws(PostgresError) {
        while try await store.fold(), !Task.isCancelled {}
        try await store.finish()
        while try await store.forget(), !Task.isCancelled {}
    }
}
