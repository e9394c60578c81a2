public import Delivery

/// One thing SendGrid reports on a mail. Its description shows no address.
public struct MailEvent: Sendable, Hashable {
    /// Nil, as are `generation` and `token`, for mail that was not sent by this system.
    public var jobID: Int?
    public var generation: Int?
    /// To be compared with the attempt's own, in constant time.
    public var token: String?
    public var receipt: Receipt
    /// As SendGrid writes it; empty in some drops.
    public var email: String
    /// When it happened, by SendGrid's clock, in whole seconds; nil when it does not say.
    public var at: Instant?
    /// The suppression that the person has taken back; the receipt names none then.
    public var resubscription: SuppressionReason?

    public init(jobID: Int?, generation: Int?, token: String?, receipt: Receipt, email: String, at: Instant? = nil) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.receipt = receipt
        self.email = email
        self.at = at
    }
}

extension MailEvent: CustomStringConvertible, CustomReflectable {
    public var description: String { "mail event \(receipt.status)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why an e-mail address shall get no more mail.
public enum SuppressionReason: Sendable, Hashable {
    /// The mailbox refused for good.
    case bounce
    case invalidAddress
    case spamReport
    case unsubscribe
    /// The person left one group of mails; nil where SendGrid does not say which. Who returns to a group has left the
    /// others all the same.
    case groupUnsubscribe(group: Int?)

    /// Which mails it stops. SendGrid itself drops what its lists forbid, so what is let go costs no unwanted mail.
    public var reach: OptOutReach {
        switch self {
        case .bounce, .invalidAddress: .everything
        case .spamReport, .unsubscribe: .everythingButPasswords
        case .groupUnsubscribe: .marketing
        }
    }

    /// As `suppressions.reason` keeps it.
    public var word: String {
        switch self {
        case .bounce: "bounce"
        case .invalidAddress: "invalid_address"
        case .spamReport: "spam_report"
        case .unsubscribe: "unsubscribe"
        case .groupUnsubscribe(nil): "group_unsubscribe"
        case .groupUnsubscribe(let group?): "group_unsubscribe \(group)"
        }
    }
}
