public import Delivery

/// What a search of the e-mail logs says became of mails.
public enum MailLogPage: Sendable, Hashable {
    /// The mails it shows, by the id that the send's answer gave. `isWhole`: no other of the span is in the logs. They lag
    /// behind, so a mail that is not there may come.
    case page([String: MailLogEntry], isWhole: Bool)
    /// The account has no logs, or its key no access to them.
    case absent
    /// No readable answer; ask again later.
    case unavailable(reason: String)
}

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

/// A part of the e-mail logs: the mails that the provider took between two instants, by its own clock.
public struct MailLogSpan: Sendable, Hashable {
    public var from: Instant
    public var to: Instant

    public init(from: Instant, to: Instant) {
        self.from = from
        self.to = to
    }
}
