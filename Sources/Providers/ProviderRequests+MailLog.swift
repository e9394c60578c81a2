public import HTTPTransport

extension ProviderRequests {
    /// Asks the e-mail logs what became of our mails, many at once; nil without a SendGrid account.
    ///
    /// They cannot be asked about one mail by the id that the send's answer gave: that is only how the logs' own id begins,
    /// and a search knows no prefixes.
    /// - Parameter span: nil for whatever the logs show first; no order of theirs is documented.
    public func mailLog(_ span: MailLogSpan?) -> HTTPRequest? {
        sendGrid.flatMap { SendGridAPI(account: $0).searchLogs(span) }
    }

    /// Reads the reply to `mailLog(_:)`.
    public func readMailLog(_ result: HTTPResult) -> MailLogPage { SendGridLog.read(result) }

    /// Asks for the events of one mail, the newest hundred; nil without a SendGrid account.
    /// - Parameter logID: the logs' own id.
    public func mailEvents(_ logID: String) -> HTTPRequest? {
        sendGrid.map { SendGridAPI(account: $0).fetchLog(logID) }
    }

    /// Reads the reply to `mailEvents(_:)`: the same receipts as the event webhook's.
    public func readMailEvents(_ result: HTTPResult) -> StatusReading { SendGridLog.readEvents(result) }
}
