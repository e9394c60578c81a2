/// Why an e-mail address shall get no more mail.
public enum SuppressionReason: String, Sendable, CaseIterable, Codable {
    /// The mailbox refused for good.
    case bounce
    case invalidAddress = "invalid_address"
    case spamReport = "spam_report"
    case unsubscribe
    case groupUnsubscribe = "group_unsubscribe"

    /// Whether the person wished it, which nothing but the person's wish undoes.
    public var isOptOut: Bool {
        switch self {
        case .bounce, .invalidAddress: false
        case .spamReport, .unsubscribe, .groupUnsubscribe: true
        }
    }
}
