public import Delivery
public import JobQueue
public import Providers

/// One thing a provider or a person told us, checked and ready to be stored.
public enum Arrival: Sendable, Hashable {
    /// A word about one attempt.
    case receipt(ReceiptArrival)
    /// A word about the message of this id. Whose it is, the database knows.
    case report(ReceiptArrival)
    /// A message a person sent us.
    case inbound(InboundArrival)
    /// "Do not contact this address on this channel", from a provider that keeps such a list.
    case suppression(SuppressionArrival)
    /// The person has taken back what such a list held: a suppression of the same address, channel and reason.
    case resubscription(SuppressionArrival)

    /// What storing did. A repeated arrival changes nothing at all.
    public enum Fate: String, Sendable, Hashable, CaseIterable {
        /// Stored now.
        case new
        /// Known before.
        case repeated
        /// No attempt has this job, generation and token, or this id: nothing was stored.
        case unknown
    }
}

/// A provider's word about one attempt, addressed by the job, generation and token its callback URL carried.
public struct ReceiptArrival: Sendable, Hashable {
    public var jobID: Int
    /// The attempt, from 1.
    public var generation: Int
    /// The attempt's secret, a UUID in text form. A wrong one makes the whole receipt unknown.
    public var token: String
    /// The status the event is stored under; with job and generation it is counted once.
    public var status: String
    /// The provider as in `outrider.error_codes`: `twilio`, `twilio-voice` or `sendgrid`.
    public var provider: String
    /// How far the message got; nil for a failure, and for a word that says only that the provider is at it.
    public var level: SuccessLevel?
    /// The provider's code of a failure.
    public var code: String?
    /// For a failure whose class is known without the table of error codes.
    public var failureClass: FailureClass?
    /// For a failure: its class when neither says it. Nil for anything but a failure.
    public var defaultClass: FailureClass?
    /// The provider's id of the message.
    public var providerID: String?
    /// The channel of the attempt, where the news says it; else one of its provider's.
    public var channel: Channel
    /// Whether the job must be looked at because of it. An intermediate status needs no look.
    public var needsDecision: Bool

    public init(
        jobID: Int, generation: Int, token: String, status: String, provider: String,
        level: SuccessLevel? = nil, code: String? = nil, failureClass: FailureClass? = nil,
        defaultClass: FailureClass? = nil, providerID: String? = nil, channel: Channel? = nil, needsDecision: Bool
    ) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.status = status
        self.provider = provider
        self.level = level
        self.code = code
        self.failureClass = failureClass
        self.defaultClass = defaultClass
        self.providerID = providerID
        self.channel = channel ?? Self.channel(of: provider)
        self.needsDecision = needsDecision
    }

    /// The event that keeps it, with what the table of error codes says of `code`.
    public func event(known: ErrorClass?) -> JobEvent {
        let failure = defaultClass.map { failureClass ?? known?.failure ?? $0 }
        return .receipt(
            JobEvent.Receipt(
                status: status, failure.map { .failed($0) } ?? level.map { .reached($0) } ?? .progress, code: code,
                providerID: providerID, retryAfter: failure == nil ? nil : known?.retryAfter))
    }

    private static func channel(of provider: String) -> Channel {
        switch CodeTable(rawValue: provider) {
        case .sendgrid: .email
        case .twilioVoice: .voice
        case .twilio, nil: .sms
        }
    }

    /// Whether PostgreSQL can read every field. One that it cannot read names no attempt of ours, and must not spoil the
    /// batch it would travel in.
    var isReadable: Bool {
        generation > 0 && generation <= Int(Int32.max) && jobID >= 0 && Self.isUUID(token)
            && [status, provider, code ?? "", providerID ?? ""].allSatisfy { !$0.utf8.contains(0) }
    }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.indices.allSatisfy { index in
            switch index {
            case 8, 13, 18, 23: bytes[index] == UInt8(ascii: "-")
            default: Character(UnicodeScalar(bytes[index])).isHexDigit
            }
        }
    }
}

/// A message a person sent to one of our numbers. Its text is not kept, but for a sentence that an operator must read.
public struct InboundArrival: Sendable, Hashable {
    /// The provider's id: a message is taken once by it.
    public var providerID: String
    public var channel: Channel
    /// The person's number, E.164.
    public var from: String
    /// Our number, E.164.
    public var to: String
    /// The opt-out word the message was, if it was one.
    public var keyword: OptOutKeyword?
    /// The sentence that plainly asks for no more messages, if it was one.
    public var wish: OptOutWish?
    /// Whether the provider has answered the word already.
    public var isAnswered: Bool
    /// When it was sent, for one that was found in the provider's list; nil for a webhook's, which comes as it is sent.
    public var sentAt: Instant?

    public init(
        providerID: String, channel: Channel, from: String, to: String, keyword: OptOutKeyword? = nil,
        wish: OptOutWish? = nil, isAnswered: Bool = false, sentAt: Instant? = nil
    ) {
        self.providerID = providerID
        self.channel = channel
        self.from = from
        self.to = to
        self.keyword = keyword
        self.wish = wish
        self.isAnswered = isAnswered
        self.sentAt = sentAt
    }

    public init(_ message: InboundMessage) {
        self.init(
            providerID: message.providerID, channel: message.channel, from: message.from, to: message.to,
            keyword: message.keyword, wish: message.wish, isAnswered: message.isAnswered, sentAt: message.sentAt)
    }

    var isReadable: Bool { [providerID, from, to].allSatisfy { !$0.utf8.contains(0) } }

    /// Whether it has an effect on what the person is sent, which depends on the order of what the person says.
    var speaks: Bool { keyword == .stop || keyword == .start || wish != nil }
}

/// An address that a provider says must not be contacted on one channel.
public struct SuppressionArrival: Sendable, Hashable {
    /// E.164, or an e-mail address in any case.
    public var address: String
    public var channel: Channel
    /// The messages that must not go there any more, or that may again.
    public var reach: OptOutReach
    /// Why, in one word: `unsubscribe`, `spamreport`, `bounce`.
    public var reason: String
    /// Who said so, with the provider's id of the event.
    public var source: String
    /// When it happened, by the provider's clock; nil when it does not say.
    public var at: Instant?

    public init(
        address: String, channel: Channel, reach: OptOutReach, reason: String, source: String, at: Instant? = nil
    ) {
        self.address = address
        self.channel = channel
        self.reach = reach
        self.reason = reason
        self.source = source
        self.at = at
    }

    var isReadable: Bool { [address, reason, source].allSatisfy { !$0.utf8.contains(0) } }
}
