import Logging
import Postgres

/// Where a worker gets time and chance from, so that a simulation can give it its own.
///
/// It measures spans and waits. What time it is, only the database says.
public struct WorkClock: Sendable {
    private let read: @Sendable () -> ContinuousClock.Instant
    private let wait: @Sendable (ContinuousClock.Instant) async throws -> Void
    private let draw: @Sendable () -> UInt64

    /// - Parameters:
    ///   - now: The present instant; never goes back.
    ///   - sleep: Returns at the given instant or soon after; throws `CancellationError` as soon as its task is cancelled.
    ///   - random: Any number, each as likely as the others.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void,
        random: @escaping @Sendable () -> UInt64
    ) {
        read = now
        wait = sleep
        draw = random
    }

    /// The machine's monotonic clock and its source of randomness.
    public static let system = WorkClock(
        now: { .now },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) },
        random: {
            var system = SystemRandomNumberGenerator()
            return system.next()
        })

    var now: ContinuousClock.Instant { read() }

    /// - Throws: `CancellationError`.
    func sleep(until deadline: ContinuousClock.Instant) async throws {
        try await wait(deadline)
    }

    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws {
        try await wait(read() + duration)
    }

    var random: Chance { Chance(draw: draw) }

    /// The source of randomness, for what wants a generator.
    struct Chance: RandomNumberGenerator {
        fileprivate let draw: @Sendable () -> UInt64

        mutating func next() -> UInt64 { draw() }
    }
}

extension WorkClock {
    /// Waits about so long, jittered so that workers do not fall into step.
    func pause(_ duration: Duration) async {
        var random = random
        try? await sleep(for: duration * Double.random(in: 0.8...1.2, using: &random))
    }

    /// Does it again and again until cancelled, with a pause in between; what fails is logged and tried again.
    func repeating(
        every interval: Duration, orSay failure: Logger.Message, to logger: Logger,
        _ body: () async throws(PostgresError) -> Void
    ) async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await body()
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning(failure, metadata: ["error": "\(error)"])
            }
            await pause(interval)
        }
    }
}
