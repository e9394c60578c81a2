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
