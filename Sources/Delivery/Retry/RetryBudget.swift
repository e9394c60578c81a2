/// What a step may still spend on retries: a number of attempts, and time until its wait ends.
public struct RetryBudget: Sendable, Hashable {
    /// Attempts in all, the first one included.
    public let maximumAttempts: Int
    /// The end of the step's wait. A retry must come before it.
    public let deadline: Instant

    public init(maximumAttempts: Int, deadline: Instant) {
        self.maximumAttempts = maximumAttempts
        self.deadline = deadline
    }

    /// When to try again after `attempts` attempts, the last of which failed `now`; nil when the attempts are used up or
    /// the retry would not come before the step's end. Then the ladder escalates at once instead of waiting in vain.
    ///
    /// - Parameter floor: the provider's `Retry-After`, if it gave one.
    /// - Precondition: `attempts ≥ 1`.
    public func retry(
        afterAttempts attempts: Int, now: Instant, backoff: Backoff, floor: Duration = .zero,
        using random: inout some RandomNumberGenerator
    ) -> Instant? {
        precondition(attempts >= 1, "a retry follows an attempt")
        guard attempts < maximumAttempts else { return nil }
        let delay = backoff.delay(beforeRetry: attempts - 1, floor: floor, using: &random)
        let time = now.advanced(by: delay)
        return time < deadline ? time : nil
    }
}
