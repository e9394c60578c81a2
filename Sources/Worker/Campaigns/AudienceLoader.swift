import Delivery
import JobQueue
import Logging
import Postgres
import Synchronization

/// Brings people into campaigns, each campaign by one worker at a time: reads its audience, or asks again those who were not
/// reached.
final class AudienceLoader: Sendable {
    /// A failure that may pass is tried again this often; what stands against it then is for a person.
    private static let mostFailures = 5
    private static let firstPause = 5
    /// A sixth of the time after which a worker is taken for dead.
    private static let beatEvery = Duration.seconds(5)

    private let store: AudienceStore
    private let clock: WorkClock
    private let logger: Logger
    /// The load under way.
    private let current = Mutex<LoadKey?>(nil)

    init(store: AudienceStore, clock: WorkClock = .system, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Loads one campaign, if one waits.
    func loadNext() async throws(PostgresError) {
        guard let load = try await store.claim() else { return }
        logger.notice("Loading a campaign", metadata: ["load": "\(load.key.id)"])
        current.withLock { $0 = load.key }
        do {
            if let audience = load.audience {
                try await read(audience, for: load.key)
            } else {
                while try await store.retry(load.key) > 0 { try Task.checkCancellation() }
            }
            try await store.end(load.key)
            logger.notice("Loaded a campaign", metadata: ["load": "\(load.key.id)"])
        } catch  where Task.isCancelled {
            return  // See `leave`.
        } catch {
            try await giveUp(load, because: error)
        }
        current.withLock { $0 = nil }
    }

    /// Reads and beats at once: no other worker takes this one for dead, however long the first rows take to come.
    private func read(_ audience: String, for load: LoadKey) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.store.read(audience) { batch in
                    try Task.checkCancellation()
                    try await self.store.add(batch, to: load)
                }
            }
            group.addTask {
                while try await self.store.beat(load) { try await self.clock.sleep(for: Self.beatEvery) }
                throw LoadLost()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// What was cut short, another worker takes on at once. Call it when the loading is cancelled, outside of that.
    func leave() async {
        guard let load = current.withLock({ $0 }) else { return }
        try? await store.putOff(load, by: .zero, because: "its worker was stopped")
    }

    /// A reason of the database's own may pass; one of the audience's will not.
    private func giveUp(_ load: AudienceLoad, because error: any Error) async throws(PostgresError) {
        let reason = "\(error)"
        logger.warning("Could not load a campaign", metadata: ["load": "\(load.key.id)", "error": "\(reason)"])
        let mayPass = (error as? PostgresError).map { StoreError.database($0).mayPass && !$0.isRefusal } ?? false
        if mayPass, load.failures < Self.mostFailures {
            try await store.putOff(
                load.key, by: .seconds(Self.firstPause << load.failures), because: reason)
        } else {
            try await store.end(load.key, failure: reason)
        }
    }
}

private struct LoadLost: Error, CustomStringConvertible {
    let description = "another worker has taken the load over, or it was ended"
}

extension PostgresError {
    /// The statement itself is wrong: a table or a column is gone, or a right is missing.
    fileprivate var isRefusal: Bool {
        guard case .server(let state, _, _) = self else { return false }
        return state.errorClass == "42"
    }
}
