public import JobQueue
public import Logging
import Postgres
public import ServiceLifecycle

/// Purges addresses and texts that were kept as long as the retention rules say.
public struct PurgeService: Service {
    private static let every = Duration.seconds(20)
    /// Between two parts: a long way to go must not keep the database from its work.
    private static let pause = Duration.milliseconds(50)

    private let store: PurgeStore
    private let clock: WorkClock
    private let logger: Logger

    public init(_ store: PurgeStore, clock: WorkClock = .system, logger: Logger) {
        (self.store, self.clock, self.logger) = (store, clock, logger)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(PostgresError) {
                    while try await store.purge(), !Task.isCancelled { try? await clock.sleep(for: Self.pause) }
                } catch {
                    logger.warning(
                        "Could not purge; addresses and texts stay longer", metadata: ["error": "\(error)"])
                }
                try? await clock.sleep(for: Self.every)
            }
        }
    }
}
