/// What a message is for. It decides priority, and what happens when nobody can say whether a send was accepted.
public enum Category: String, Sendable, CaseIterable, Codable {
    case otp
    case alert
    case transactional
    case marketing

    /// The priority of a job that names none: 0 is looked at first, 3 last.
    public var defaultPriority: Int {
        switch self {
        case .otp: 0
        case .alert: 1
        case .transactional: 2
        case .marketing: 3
        }
    }

    /// What an unknown send leads to when the step does not say.
    ///
    /// A one-time password or an alert is worth a possible second copy; a receipt or an offer is not.
    public var defaultUnknownPolicy: UnknownPolicy {
        switch self {
        case .otp, .alert: .resend
        case .transactional: .hold
        case .marketing: .next
        }
    }
}
