public import HTTPTransport

extension ProviderRequests {
    /// Asks the e-mail logs what became of our mails, many at once; nil without a SendGrid account, and for an address that
    /// cannot be searched for.
    ///
    /// They cannot be asked about one mail by the id that the send's answer gave: that is only how the logs' own id begins,
    /// and a search knows no prefixes.
    /// - Parameters:
    ///   - span: nil for whatever the logs show first; no order of theirs is documented.
    ///   - address: only the mails to this one; nil for all.
    public func mailLog(_ span: MailLogSpan?, to address: String? = nil) -> OutgoingRequest? {
        sendGrid.flatMap { SendGridAPI(account: $0).searchLogs(span, to: address) }
    }

    /// Reads the reply to `mailLog(_:to:)`.
    public func readMailLog(_ result: HTTPResult) -> MailLogPage { SendGridLog.read(result) }

    /// Asks for the events of one mail, the newest hundred; nil without a SendGrid account.
    /// - Parameter logID: the logs' own id.
    public func mailEvents(_ logID: String) -> OutgoingRequest? {
        sendGrid.map { SendGridAPI(account: $0).fetchLog(logID) }
    }

    /// Reads the reply to `mailEvents(_:)`: the same receipts as the event webhook's.
    public func readMailEvents(_ result: HTTPResult) -> StatusReading { SendGridLog.readEvents(result) }
}
