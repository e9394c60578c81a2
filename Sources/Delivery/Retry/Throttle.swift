/// How fast one worker sends to a provider, or by a sender, that asks for fewer requests.
///
/// - As long as nobody asks, there is no limit.
/// - Few refusals among many successes change nothing: they are of their recipients, or of what others send.
/// - More of them lower the speed to a share of what was taken lately. Each success raises it: fast up to the speed that is
///   known to go, then slowly, and faster the longer no refusal comes.
/// - Refusals with no success between close it. A pause follows, jittered, and doubled each time. Then one send tries.
/// - Of sends that were under way together the refusals count once.
/// - What is urgent has a speed of its own and never waits behind the rest. It tries while it is closed too, unless the
///   provider said for how long: then it is answered here, so that its ladder goes on.
///
/// Times are seconds of any clock that only goes on.
public struct Throttle: Sendable {
    /// Refusals in a row that close it. A single one may be of its recipient.
    private static let closingRefusals = 3
    private static let firstPause = 0.5
    private static let longestPause = 5.0
    /// Refusals are few where successes are more than so many times as many.
    private static let fewIfTimes = 4.0
    /// What is known to go, after a refusal: this share of what was taken.
    private static let share = 0.8
    private static let slowest = 1.0
    /// A second of successes raises the speed so much per success: below what is known to go, and above it at first.
    private static let (fastRise, slowRise) = (5.0, 0.2)
    /// By how much the slow rise grows with the square of the seconds since refusals lowered it.
    private static let riseGrows = 0.1
    /// Beyond it there is no limit any more; nor when refusals have not lowered it for so many seconds.
    private static let (fastest, memory) = (2_000.0, 60.0)
    /// The sends of so many seconds may begin at once.
    private static let burst = 0.3

    /// The speed there is at present.
    private struct Limit {
        /// Sends a second.
        var rate: Double
        /// What is known to go.
        var known: Double
        /// What may begin now, of the urgent and of the rest.
        var urgent = 1.0
        var others = 1.0
        var filledAt: Double

        mutating func fill(at now: Double) {
            let most = max(1, rate * Throttle.burst)
            let more = max(0, now - filledAt) * rate
            (urgent, others) = (min(most, urgent + more), min(most, others + more))
            filledAt = max(now, filledAt)
        }
    }

    /// A time without sends.
    private struct Pause {
        var until: Double
        /// Whether the provider said for how long.
        var isAsked: Bool
    }

    private var limit: Limit?
    private var pause: Pause?
    /// Pauses in a row.
    private var pauses = 0
    /// Refusals in a row.
    private var refusals = 0
    /// When a refusal counted last: those of sends that began before say nothing new.
    private var loweredAt = -Double.infinity
    private var pace = Pace()
    private var refused = Pace()

    public init() {}

    // MARK: What the provider says

    /// A send that began at `begunAt` was answered, and not by a wish for fewer.
    public mutating func wentThrough(begunAt: Double, at now: Double) {
        pace.count(at: now)
        guard begunAt >= loweredAt else { return }
        if pause != nil { limit?.filledAt = now }
        (refusals, pauses, pause) = (0, 0, nil)
        guard var limit else { return }
        limit.fill(at: now)
        let sinceLowered = now - loweredAt
        let slow = min(Self.slowRise + Self.riseGrows * sinceLowered * sinceLowered, Self.fastRise)
        limit.rate += limit.rate < limit.known ? Self.fastRise : slow
        self.limit = limit.rate > Self.fastest || sinceLowered > Self.memory ? nil : limit
    }

    /// A send that began at `begunAt` was refused because there are too many.
    /// - Parameter wait: how long the provider asks for.
    public mutating func refused(
        begunAt: Double, at now: Double, wait: Double?, using random: inout some RandomNumberGenerator
    ) {
        refusals += 1
        refused.count(at: now)
        guard !areFew(at: now) else { return }
        let isNews = begunAt >= loweredAt
        if isNews { lower(at: now) }
        guard refusals >= Self.closingRefusals else { return }
        if isNews || pause == nil {
            close(at: now, wait: wait, using: &random)
        } else if let wait, let known = pause, known.until < now + wait {
            pause = Pause(until: now + wait, isAsked: true)
        }
    }

    /// Whether to send less would not end the refusals.
    private mutating func areFew(at now: Double) -> Bool {
        refused.perSecond(at: now) * Self.fewIfTimes < pace.perSecond(at: now)
    }

    private mutating func lower(at now: Double) {
        let taken = pace.perSecond(at: now)
        let known = taken > 0 ? max(Self.slowest, taken * Self.share) : limit?.known ?? .infinity
        limit = Limit(rate: min(max(Self.slowest, taken * Self.share), known), known: known, filledAt: now)
        loweredAt = now
    }

    private mutating func close(at now: Double, wait: Double?, using random: inout some RandomNumberGenerator) {
        let own = min(Self.longestPause, Self.firstPause * Double(1 << min(pauses, 10)))
        let jittered = own * Double.random(in: 0.5...1, using: &random)
        // Behind the provider's own time, so that workers who were all told the same do not come back together.
        let until = now + (wait.map { $0 + jittered / 4 } ?? jittered)
        pauses += 1
        pause = Pause(until: until, isAsked: wait != nil)
        limit?.rate = Self.slowest
        limit?.fill(at: until)
        limit?.urgent = 1
        limit?.others = 1
        loweredAt = now
    }

    // MARK: What may begin

    /// Takes up to `wanted` sends from what may begin now, and says how many. While it is closed, urgent ones may all be
    /// begun, so that their ladders go on: each of them waits by its own back-off.
    public mutating func allow(_ wanted: Int, isUrgent: Bool, at now: Double) -> Int {
        if pause == nil, now - loweredAt > Self.memory { limit = nil }
        guard var limit else { return wanted }
        if let pause, now < pause.until { return isUrgent ? wanted : 0 }
        limit.fill(at: now)
        let count = min(wanted, Int(isUrgent ? limit.urgent : limit.others))
        if isUrgent { limit.urgent -= Double(count) } else { limit.others -= Double(count) }
        self.limit = limit
        return count
    }

    /// So many of what was allowed did not begin.
    public mutating func giveBack(_ count: Int, isUrgent: Bool, at now: Double) {
        if isUrgent { limit?.urgent += Double(count) } else { limit?.others += Double(count) }
        limit?.fill(at: now)
    }

    /// For how long a send that is about to leave must not; nil when it may.
    public func heldBack(isUrgent: Bool, at now: Double) -> Double? {
        guard let pause, now < pause.until else { return nil }
        return isUrgent && !pause.isAsked ? nil : pause.until - now
    }

    /// Whether nothing is limited at present.
    public var isFree: Bool { limit == nil }
}

/// Successes, or refusals, of the last moments.
private struct Pace {
    private var second = -Double.infinity
    private var count = 0.0
    private var before = 0.0

    mutating func count(at now: Double) {
        roll(to: now)
        count += 1
    }

    /// The more of this second and the one before it.
    mutating func perSecond(at now: Double) -> Double {
        roll(to: now)
        return max(count, before)
    }

    private mutating func roll(to now: Double) {
        guard now - second >= 1 else { return }
        before = now - second < 2 ? count : 0
        (count, second) = (0, now)
    }
}
