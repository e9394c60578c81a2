import Logging
import Postgres
import ServiceLifecycle

/// Turns the database's notifications into hints for the worker.
struct HintService: Service {
    let hints: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let listener: PostgresListener
    private let logger: Logger

    init(_ configuration: PostgresConfiguration, logger: Logger) {
        listener = PostgresListener(configuration, channels: ["outrider_due"])
        (hints, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await listener.run { error in
                        logger.warning(
                            "Notifications are interrupted; polling goes on", metadata: ["error": "\(error)"])
                    }
                }
                for await _ in listener.notifications { continuation.yield() }
                continuation.finish()
            }
        }
    }
}
