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
    public func readSend(_ result: HTTPResult, channel: Channel) -> Answer {
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
    /// A match goes our way (`outbound-api`), to the same address, from the same sender when that is fixed, is no older
    /// than `begunAt` by the provider's clock, and has the same text (a mail: the same subject) when that is ours. Of
    /// several, the nearest in time.
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
        twilio.map { TwilioAPI(account: $0).cancel(providerID, channel: .voice) }
    }

    /// Takes back a message that is still scheduled; the provider answers 30409 when it is too late.
    public func cancelMessage(_ providerID: String) -> OutgoingRequest? {
        twilio.map { TwilioAPI(account: $0).cancel(providerID, channel: .sms) }
    }

    private func twilioAPI() throws(ContentError) -> TwilioAPI {
        guard let twilio else { throw .noAccount(.twilio) }
        return TwilioAPI(account: twilio)
    }
}
