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
