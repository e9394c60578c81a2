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

    public init(jobID: Int?, generation: Int?, token: String?, receipt: Receipt, email: String) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.receipt = receipt
        self.email = email
    }
}

extension MailEvent: CustomStringConvertible, CustomReflectable {
    public var description: String { "mail event \(receipt.status)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
