/// What to do about a job next. Performing one twice is harmless: every action that changes something is fenced by an
/// event.
public enum Action: Sendable, Hashable {
    /// The due row is stale, or what it asks is decided already.
    case nothing
    /// Look again at this time, for this reason.
    case wait(until: Instant, for: DueReason)
    /// The same step again, as the next generation.
    case retry(at: Instant, reason: String, isResend: Bool)
    /// Another step, as the next generation, at once.
    case escalate(to: Int, reason: String)
    /// Wait for a person.
    case hold(reason: String)
    /// The job is over.
    case finish(Outcome, reason: String)
}

/// How a job ended. Exactly one to a job, and it never changes.
public enum Outcome: String, Sendable, CaseIterable, Codable {
    /// A receipt says that a step got through.
    case delivered
    /// A provider took it and never said what became of it.
    case unconfirmed
    /// Every step failed.
    case exhausted
    /// The person does not want to be contacted.
    case optedOut = "opted_out"
    /// Its time ran out before it could be sent.
    case expired
    /// The application or an operator ended it.
    case canceled
    /// Nobody can say whether the last send was taken.
    case unknown
}
