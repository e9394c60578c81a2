import Synchronization

/// How many urgent questions a second may be begun: what the polls' budget can answer at once. Beyond that an urgent message
/// does not wait for a question.
final class AskGate: Sendable {
    private struct Window {
        var since: ContinuousClock.Instant?
        var count = 0
    }

    private let perSecond: Int
    private let window = Mutex(Window())

    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    func passes(at now: ContinuousClock.Instant) -> Bool {
        window.withLock { window in
            if window.since.map({ now - $0 >= .seconds(1) }) ?? true { window = Window(since: now) }
            window.count += 1
            return window.count <= perSecond
        }
    }
}
