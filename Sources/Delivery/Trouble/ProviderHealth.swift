/// What the sends to one provider say of the way to it: whether they arrive, and are answered.
///
/// A single failure says nothing. Failures with no answer between them do, once they have lasted some moments.
public struct ProviderHealth: Sendable {
    /// How a send ended, as far as it tells of the way.
    public enum Sign: Sendable, Hashable {
        /// The provider answered in its own words, whatever it said.
        case answered
        /// Nothing left: the reason in one word, such as `connect` or `tls`.
        case notSent(String)
        /// It takes no more requests at present: its code.
        case limited(String)
        /// Nobody can say: the reason in one word, such as `timed_out` or `http_503`.
        case unknown(String)
    }

    /// Failures in a row that count.
    private static let fewest = 2
    /// How long a send may be under way while no other is answered.
    private static let slowness = 6.0
    /// After this long without a send nothing is known any more.
    private static let memory = 180.0

    private struct Streak {
        var since: Double
        var last: Double
        var count: Int
        var sign: Sign
    }

    private var streak: Streak?
    private var answeredAt: Double?
    private var underWay: [Int: Double] = [:]
    private var number = 0

    public init() {}

    /// A send begins. Times are seconds of any clock that only goes on.
    /// - Returns: its number, for `ended`.
    public mutating func begun(at now: Double) -> Int {
        number += 1
        underWay[number] = now
        return number
    }

    public mutating func ended(_ send: Int, _ sign: Sign, at now: Double) {
        underWay[send] = nil
        guard sign != .answered else {
            answeredAt = now
            streak = nil
            return
        }
        streak = Streak(
            since: streak?.since ?? now, last: now, count: (streak?.count ?? 0) + 1, sign: sign)
    }

    /// The send ended in a way that says nothing of the provider.
    public mutating func withdrawn(_ send: Int) { underWay[send] = nil }

    /// What is wrong with the way to `provider`, if anything is.
    public func trouble(with provider: String, at now: Double) -> Trouble? {
        if let streak, streak.count >= Self.fewest, now - streak.since >= streak.sign.patience,
            now - streak.last < Self.memory
        {
            return Trouble(
                streak.sign.cause, of: provider,
                detail: "\(streak.count) sends in a row \(streak.sign.words), the last: \(streak.sign.word)",
                seconds: now - streak.since)
        }
        let silent = underWay.values.filter { now - $0 >= Self.slowness && $0 >= (answeredAt ?? -.infinity) }
        guard silent.count >= Self.fewest, let first = silent.min() else { return nil }
        return Trouble(
            .providerUnreachable, of: provider, detail: "\(silent.count) sends have had no answer for some seconds",
            seconds: now - first)
    }
}

extension ProviderHealth.Sign {
    fileprivate var word: String {
        switch self {
        case .answered: "answered"
        case .notSent(let word), .limited(let word), .unknown(let word): word
        }
    }

    fileprivate var words: String {
        switch self {
        case .limited: "were refused as too many"
        case .answered, .notSent, .unknown: "had no answer"
        }
    }

    /// How long it must have lasted.
    fileprivate var patience: Double {
        switch self {
        case .limited: 5
        case .answered, .notSent, .unknown: 2
        }
    }

    fileprivate var cause: Trouble.Cause {
        switch self {
        case .notSent("tls"): .tlsFails
        case .limited: .providerLimits
        case .unknown(let word) where word.hasPrefix("http_") || word.hasPrefix("unreadable"): .providerFails
        case .answered, .notSent, .unknown: .providerUnreachable
        }
    }
}
