package import JobQueue
package import Logging

/// Feeds campaigns as their lanes drain, and writes down what a cancellation means for each job.
package struct CampaignFeeder: Sendable {
    /// Jobs a look.
    private static let enough = 5_000

    private let store: any FeedStore
    private let interval: Duration
    private let clock: WorkClock
    private let logger: Logger

    /// - Parameter interval: from one look to the next, give or take a fifth.
    package init(
        _ store: any FeedStore, every interval: Duration = .milliseconds(500), clock: WorkClock, logger: Logger
    ) {
        self.store = store
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Until cancelled.
    package func run() async {
        while !Task.isCancelled {
            await tend()
            await clock.pause(interval)
        }
    }

    private func tend() async {
        do throws(StoreError) {
            for campaign in try await store.waiting() where !Task.isCancelled { await tend(campaign) }
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("Could not look for campaigns; trying again", metadata: ["error": "\(error)"])
        }
    }

    /// One that cannot be tended keeps no other from it.
    private func tend(_ campaign: WaitingCampaign) async {
        do throws(StoreError) {
            if campaign.isOver {
                while try await store.sweep(campaign.id) > 0, !Task.isCancelled {}
            } else {
                // One part a look is more than a worker sends meanwhile; more at a time would be felt by others. What was
                // inserted one by one comes in smaller parts.
                var fed = 0
                var part = 0
                repeat {
                    part = try await store.feed(campaign.id)
                    fed += part
                } while part > 0 && fed < Self.enough && !Task.isCancelled
            }
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning(
                "Could not tend a campaign; trying again",
                metadata: ["campaign": "\(campaign.id)", "error": "\(error)"])
        }
    }
}
