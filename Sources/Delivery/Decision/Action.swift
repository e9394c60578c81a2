/// What to do about a job next. Performing one twice is harmless: every action that changes something is fenced by an
/// event.
public enum Action: Sendable, Hashable {
    /// The wake-up is stale, or what it asks is decided already.
    case nothing
    /// Look again at this time, for this reason.
    case wait(until: Instant, for: WakeReason)
    /// The same step again, as the next generation.
    case retry(at: Instant, reason: String, isResend: Bool)
    /// Another step, as the next generation, at once.
    case escalate(to: Int, reason: String)
    /// Wait for a person.
    case hold(reason: String)
    /// The job is over.
    case finish(Outcome, reason: String)
}
