import Providers

/// How long a provider is left alone that wants to be: as long as it says, and twice as long each time when it says
/// nothing.
struct PollPause {
    private static let longest = Duration.seconds(60)

    private let clock: WorkClock
    private var until: ContinuousClock.Instant?
    private var pushbacks = 0

    init(clock: WorkClock) {
        self.clock = clock
    }

    var isOn: Bool { until.map { clock.now < $0 } ?? false }

    /// Takes in what came with an answer.
    mutating func note(_ pushback: Pushback?) {
        guard let pushback else {
            if !isOn { pushbacks = 0 }
            return
        }
        // Several answers of one storm count once.
        guard !isOn || pushback.retryAfter != nil else { return }
        var random = clock.random
        let own = min(.seconds(1 << min(pushbacks, 6)), Self.longest) * Double.random(in: 0.5...1, using: &random)
        let end = clock.now + max(own, pushback.retryAfter ?? .zero)
        until = max(end, until ?? end)
        pushbacks += 1
    }
}
