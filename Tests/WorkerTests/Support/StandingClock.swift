import Synchronization

@testable import Worker

/// A clock that goes on when the test says so.
protocol ManualClock: Sendable {
    /// Since it was made.
    var passed: Duration { get }
    var work: WorkClock { get }
    func pass(_ duration: Duration)
}

/// A clock that stands still until somebody sleeps; sleepers pass the gate once it is open.
final class StandingClock: ManualClock {
    private let state: Mutex<(now: ContinuousClock.Instant, isOpen: Bool)>
    private let start = ContinuousClock.now

    init(isOpen: Bool) { state = Mutex((start, isOpen)) }

    func open() { state.withLock { $0.isOpen = true } }
    func pass(_ duration: Duration) { state.withLock { $0.now += duration } }
    var passed: Duration { state.withLock { $0.now } - start }

    var work: WorkClock {
        WorkClock(
            now: { self.state.withLock { $0.now } },
            sleep: { deadline in
                while !self.state.withLock({ $0.isOpen }) { await Task.yield() }
                self.state.withLock { $0.now = max($0.now, deadline) }
            },
            random: { UInt64.random(in: 0 ... .max) })
    }
}

/// A clock whose sleepers wake when the test has let enough time pass.
final class SteppedClock: ManualClock {
    private let start = ContinuousClock.now
    private let now: Mutex<Duration> = Mutex(.zero)

    var passed: Duration { now.withLock { $0 } }
    func pass(_ duration: Duration) { now.withLock { $0 += duration } }

    var work: WorkClock {
        WorkClock(
            now: { self.start + self.passed },
            sleep: { deadline in
                while self.start + self.passed < deadline {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            },
            random: { UInt64.random(in: 0 ... .max) })
    }
}
