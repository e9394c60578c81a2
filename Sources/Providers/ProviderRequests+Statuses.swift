public import HTTPTransport

extension ProviderRequests {
    /// Asks what became of the account's newest messages, many at once, or of those on the page behind an earlier one; nil
    /// without a Twilio account. Calls and mails are not among them.
    public func statuses(page: String?) -> OutgoingRequest? {
        twilio.flatMap { TwilioAPI(account: $0).listStatuses(page: page) }
    }

    /// Reads the reply to `statuses(page:)`.
    public func readStatuses(_ result: HTTPResult) -> StatusPage {
        guard case .answered(let response) = result, response.status == 200,
            let page = JSONValue(parsing: response.body), let messages = page["messages"]?.array
        else { return .unavailable }
        let receipts = messages.compactMap(TwilioReceipts.message)
        return .page(
            Dictionary(receipts.map { ($0.providerID ?? "", $0) }) { first, _ in first },
            next: page["next_page_uri"]?.string)
    }

    /// Whether the answer asks to be asked less.
    public func pushback(in result: HTTPResult) -> Pushback? { Pushback(result) }
}

extension TwilioReceipts {
    /// A message of ours as a list shows it; nil for what people wrote.
    fileprivate static func message(_ resource: JSONValue) -> Receipt? {
        guard let sid = resource["sid"]?.string, TwilioSID.isPlausible(sid), resource["direction"]?.string != "inbound",
            let status = resource["status"]?.string, !status.isEmpty
        else { return nil }
        return message(status: status, errorCode: resource["error_code"]?.int64.map { String($0) }, sid: sid)
    }
}
