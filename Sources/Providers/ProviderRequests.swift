public import Delivery
public import HTTPTransport

/// The providers' HTTP APIs as values: it builds requests and reads replies; the caller performs them.
///
/// Nothing outside this module knows a provider's field names.
public struct ProviderRequests: Sendable {
    public var twilio: TwilioAccount?
    public var sendGrid: SendGridAccount?

    public init(twilio: TwilioAccount?, sendGrid: SendGridAccount?) {
        self.twilio = twilio
        self.sendGrid = sendGrid
    }

    /// The request that sends `message`. No provider offers an idempotency key: perform it at most once per attempt.
    /// - Parameter notAfter: the fence; the request does not leave after it.
    public func send(_ message: OutboundMessage, notAfter: ContinuousClock.Instant?) throws(ContentError)
        -> OutgoingRequest
    {
        var request: OutgoingRequest
        switch message.channel {
        case .sms, .whatsapp: request = try twilioAPI().createMessage(message)
        case .voice: request = try twilioAPI().createCall(message)
        case .email:
            guard let sendGrid else { throw .noAccount(.sendgrid) }
            request = try SendGridAPI(account: sendGrid).sendMail(message)
        }
        request.notAfter = notAfter
        return request
    }

    /// What came of a send on `channel`.
    public func readSend(_ result: HTTPResult, channel: Channel) -> SendReading {
        switch result {
        case .notSent(let proof): .notSent(reason: proof.reason.rawValue, retryAfter: nil, isRateLimited: false)
        case .unknown(let doubt): .unknown(reason: doubt.reason.rawValue)
        case .answered(let response):
            switch channel.provider {
            case .twilio: TwilioAnswer.read(response, channel: channel)
            case .sendgrid: SendGridAnswer.read(response)
            }
        }
    }

    /// Asks for the present status of a message or call; nil where a provider cannot be asked by id.
    public func status(of providerID: String, channel: Channel) -> OutgoingRequest? {
        guard channel.provider == .twilio, let twilio else { return nil }
        return TwilioAPI(account: twilio).fetch(providerID, channel: channel)
    }

    /// Reads the reply to `status(of:channel:)`.
    public func readStatus(_ result: HTTPResult, channel: Channel) -> StatusReading {
        TwilioListing.readStatus(result, channel: channel)
    }

    /// Asks for the messages to the same address; nil where they cannot be asked for. Twilio lists the newest first; the
    /// e-mail logs of SendGrid are searched, which not every account has.
    public func listing(for message: OutboundMessage) -> OutgoingRequest? {
        switch message.channel.provider {
        case .twilio: twilio.map { TwilioAPI(account: $0).list(message) }
        case .sendgrid: sendGrid.flatMap { SendGridAPI(account: $0).searchLogs(message) }
        }
    }

    /// Looks for `message` in the reply to `listing(for:)`.
    ///
    /// A match goes our way (`outbound-api`), to the same address, from the same sender when that is fixed. It is no
    /// older than `begunAt` by the provider's clock, and has the same text (a mail: the same subject) when that is
    /// ours. Of several, the nearest in time.
    /// - Parameters:
    ///   - repliedAt: when the reply was there, by the clock of `begunAt`, or later. With the reply's own `Date` it tells
    ///     how far the provider's clock is off; without either, five minutes are allowed.
    ///   - notBefore: what is older is an earlier attempt's, though it looks the same; nil when there was none.
    ///   - excluding: ids known to belong to other attempts.
    public func readListing(
        _ result: HTTPResult, matching message: OutboundMessage, begunAt: Instant, notBefore: Instant? = nil,
        repliedAt: Instant? = nil, excluding: Set<String> = []
    ) -> ListingReading {
        let span = ListingSpan(begunAt: begunAt, notBefore: notBefore, repliedAt: repliedAt, result: result)
        return switch message.channel.provider {
        case .twilio: TwilioListing(message: message, span: span, excluding: excluding).read(result)
        case .sendgrid: SendGridListing(message: message, span: span, excluding: excluding).read(result)
        }
    }

    /// Ends a call that has not been answered. A queued call can ring hours later, because calls have no validity period.
    public func cancelCall(_ providerID: String) -> OutgoingRequest? {
        twilio.map { TwilioAPI(account: $0).cancelCall(providerID) }
    }

    /// Reads the reply to `cancelCall(_:)`.
    public func readEnd(_ result: HTTPResult) -> EndAnswer { TwilioEnd.read(result) }

    private func twilioAPI() throws(ContentError) -> TwilioAPI {
        guard let twilio else { throw .noAccount(.twilio) }
        return TwilioAPI(account: twilio)
    }
}

extension ProviderRequests {
    /// Asks for what people wrote to us; nil without a Twilio account, and for a page that no list of its names.
    public func inbound(_ query: InboundQuery) -> OutgoingRequest? {
        twilio.flatMap { TwilioAPI(account: $0).listInbound(query) }
    }

    /// Reads the reply to `inbound(_:)`.
    public func readInbound(_ result: HTTPResult, of query: InboundQuery) -> InboundReading {
        TwilioInbound.read(result, isContinued: query.page != nil)
    }
}

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

extension ProviderRequests {
    /// Asks what became of the account's newest messages, many at once, or of those on the page behind an earlier one; nil
    /// without a Twilio account. Calls and mails are not among them.
    public func statuses(page: String?) -> OutgoingRequest? {
        twilio.flatMap { TwilioAPI(account: $0).listStatuses(page: page) }
    }

    /// Reads the reply to `statuses(page:)`.
    public func readStatuses(_ result: HTTPResult) -> StatusPage {
        guard case .answered(let response) = result, response.status == 200,
            let page = JSON(parsing: response.body), let messages = page["messages"]?.array
        else { return .unavailable }
        let receipts = messages.compactMap(TwilioReceipts.message)
        return .page(
            Dictionary(receipts.map { ($0.providerID ?? "", $0) }) { first, _ in first },
            next: page["next_page_uri"]?.string)
    }

    /// Whether the answer asks to be asked less.
    public func pushback(in result: HTTPResult) -> Pushback? { Pushback(result) }
}

extension ProviderRequests {
    /// Asks what kind of line a number is, and how risky; nil without a Twilio account.
    /// - Parameter time: how long the answer is waited for.
    public func lookup(
        _ number: String, _ packages: Set<LookupPackage>, within time: Duration
    ) -> OutgoingRequest? {
        twilio.map { TwilioLookup.request(number, packages, of: $0, within: time) }
    }

    /// Reads the reply to `lookup(_:_:within:)`.
    public func readLookup(_ result: HTTPResult, _ packages: Set<LookupPackage>) -> LookupReading {
        TwilioLookup.read(result, packages)
    }
}

extension TwilioReceipts {
    /// A message of ours as a list shows it; nil for what people wrote.
    fileprivate static func message(_ resource: JSON) -> Receipt? {
        guard let sid = resource["sid"]?.string, TwilioSID.isPlausible(sid), resource["direction"]?.string != "inbound",
            let status = resource["status"]?.string, !status.isEmpty
        else { return nil }
        return message(status: status, errorCode: resource["error_code"]?.wholeNumber.map { String($0) }, sid: sid)
    }
}
