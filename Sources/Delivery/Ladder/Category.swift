/// What a message is for. It decides priority, and what happens when nobody can say whether a send was accepted.
public enum Category: String, Sendable, CaseIterable, Codable {
    case otp
    case alert
    case transactional
    case marketing

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
