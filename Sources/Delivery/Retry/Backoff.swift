/// How long to wait before the same step is tried again: full jitter, `random(0, min(cap, base·2ⁿ))`.
///
/// Full jitter, because a storm that failed together must not come back together.
public struct Backoff: Sendable, Hashable {
    /// The range of the first retry; doubled for each further one.
    public let base: Duration
    /// The range never grows beyond it.
    public let cap: Duration

    /// Both are kept in whole microseconds.
    ///
    /// - Precondition: `0 < base ≤ cap`.
    public init(base: Duration, cap: Duration) {
        precondition(base > .zero && base <= cap, "a backoff needs 0 < base ≤ cap")
        self.base = base
        self.cap = cap
    }

    /// The longest jittered wait before retry `n`, counted from 0: `min(cap, base·2ⁿ)`.
    ///
    /// - Precondition: `n ≥ 0`. No `n` overflows.
    public func ceiling(beforeRetry n: Int) -> Duration {
        precondition(n >= 0, "retries are counted from 0")
        let base = self.base.wholeMicroseconds
        let cap = self.cap.wholeMicroseconds
        guard n < 62, base <= cap >> Int64(n) else { return .microseconds(cap) }
        return .microseconds(base << Int64(n))
    }

    /// The wait before retry `n`, counted from 0, in whole microseconds.
    ///
    /// `floor`, a provider's `Retry-After`, is added to the jitter rather than compared with it: callers that were all
    /// told "30 s" come back after 30 s, and still spread out. A negative floor counts as none.
    public func delay(
        beforeRetry n: Int, floor: Duration = .zero, using random: inout some RandomNumberGenerator
    ) -> Duration {
        let jitter = Int64.random(in: 0...ceiling(beforeRetry: n).wholeMicroseconds, using: &random)
        return max(floor, .zero) + .microseconds(jitter)
    }
}
