public import Delivery
public import JobQueue
import Providers

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
