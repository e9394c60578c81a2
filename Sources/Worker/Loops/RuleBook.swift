import Delivery
import JobQueue
import Synchronization

/// The rules of contact that all loops of a worker judge by, read again when a look says that they have changed.
final class RuleBook: Sendable {
    /// Clocks are known two months ahead; a server may be given new ones while it runs.
    private static let freshness = Duration.seconds(3_600)

    private let store: any WorkStore
    private let clock: WorkClock
    private let kept = Mutex<(rules: ContactRules, readAt: ContinuousClock.Instant)?>(nil)

    init(store: any WorkStore, clock: WorkClock) {
        self.store = store
        self.clock = clock
    }

    /// The rules of the version that a look saw, or newer ones. A database that was put back has an older one.
    func rules(seen version: Int) async throws(StoreError) -> ContactRules {
        let now = clock.now
        if let kept = kept.withLock({ $0 }), kept.rules.version == version, now - kept.readAt < Self.freshness {
            return kept.rules
        }
        let rules = try await store.contactRules()
        kept.withLock { $0 = (rules, now) }
        return rules
    }
}
