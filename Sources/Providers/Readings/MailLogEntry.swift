/// What the e-mail logs say of one mail.
public struct MailLogEntry: Sendable, Hashable {
    /// The logs' own id of the mail, by which its events can be asked for; longer than the one that the send's answer gave.
    public var logID: String
    public var receipt: Receipt
    /// Whether only the events say why it failed, and so what class of failure it is.
    public var lacksReason: Bool

    public init(logID: String, receipt: Receipt, lacksReason: Bool = false) {
        self.logID = logID
        self.receipt = receipt
        self.lacksReason = lacksReason
    }
}
