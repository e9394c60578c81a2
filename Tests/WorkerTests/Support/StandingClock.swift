import Synchronization

@testable import Worker

/// A clock that stands still until somebody sleeps; sleepers pass the gate once it is open.
final class StandingClock: Sendable {
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
