import Providers
import Synchronization

/// How many urgent questions a second may be begun to each provider: what the polls' budget can answer at once. Beyond that
/// an urgent message does not wait for a question.
final class AskGate: Sendable {
    private struct Window {
        var since: ContinuousClock.Instant
        var count = 0
    }

    private let perSecond: Int
    private let windows = Mutex<[ProviderName: Window]>([:])

    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// - Parameter isLate: whether the message was put off before. Those get half, so that the rest is for new ones: they
    ///   have a next step to go on to, which a good answer spares.
    func passes(_ provider: ProviderName, isLate: Bool = false, at now: ContinuousClock.Instant) -> Bool {
        windows.withLock { windows in
            var window = windows[provider] ?? Window(since: now)
            if now - window.since >= .seconds(1) { window = Window(since: now) }
            let isOpen = window.count < (isLate ? max(1, perSecond / 2) : perSecond)
            if isOpen { window.count += 1 }
            windows[provider] = window
            return isOpen
        }
    }
}
