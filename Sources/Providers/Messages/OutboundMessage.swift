public import Delivery

/// One attempt's message, ready to be put into a provider's words.
///
/// Its description shows the job, the attempt and the channel, never the address or the content.
public struct OutboundMessage: Sendable {
    public var jobID: Int
    /// Numbers the attempts of the job, from 1.
    public var generation: Int
    /// The secret that callbacks about this attempt must carry.
    public var token: String
    public var channel: Channel
    /// E.164 for the phone channels (no `whatsapp:` prefix), an address for e-mail.
    public var to: String
    public var sender: MessageSender
    public var content: MessageContent
    /// How long the message is worth delivering: the wait of its step, and no longer than until the job's deadline.
    public var validity: Duration
    /// Until the job's deadline; nil when it has none.
    public var timeLeft: Duration?
    public var category: Category
    /// Such as `pl-PL`; it chooses the voice of a call.
    public var locale: String
    /// Where providers reach this system, such as `https://hooks.example.com`; nil when it polls instead.
    public var callbackBaseURL: String?
    /// How its reader leaves offers like it; nil for what is none, and where links cannot be made.
    public var unsubscribe: UnsubscribeWay?

    public init(
        jobID: Int, generation: Int, token: String, channel: Channel, to: String, sender: MessageSender,
        content: MessageContent, validity: Duration, timeLeft: Duration? = nil, category: Category,
        locale: String = "en-US",
        callbackBaseURL: String? = nil, unsubscribe: UnsubscribeWay? = nil
    ) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.channel = channel
        self.to = to
        self.sender = sender
        self.content = content
        self.validity = validity
        self.timeLeft = timeLeft
        self.category = category
        self.locale = locale
        self.callbackBaseURL = callbackBaseURL
        self.unsubscribe = unsubscribe
    }
}

extension OutboundMessage: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(channel.rawValue) message of job \(jobID), attempt \(generation)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whom a message comes from.
public struct MessageSender: Sendable, Hashable {
    /// A number in E.164, a short code or alphanumeric name, a Messaging Service (`MG…`), or an e-mail address.
    public var address: String
    /// The name beside an e-mail address; ignored by the phone channels.
    public var displayName: String?

    public init(address: String, displayName: String? = nil) {
        self.address = address
        self.displayName = displayName
    }

    /// Whether Twilio picks the number from a pool, so that `From` is not known before the send.
    var isMessagingService: Bool { address.hasPrefix("MG") }
}

/// What a message says.
public enum MessageContent: Sendable, Hashable {
    /// SMS and WhatsApp: at most 1,600 characters and 10 media URLs.
    case text(String, mediaURLs: [String] = [])
    /// SMS and WhatsApp: a Content API template (`HX…`) and its variables.
    case contentTemplate(sid: String, variables: [String: String])
    /// Voice: plain text, said twice when that fits.
    case spoken(String)
    case email(subject: String, text: String, html: String?)
    /// E-mail: a dynamic template (`d-…`); `dataJSON` is a JSON object.
    case dynamicTemplate(id: String, subject: String?, dataJSON: String)
}

extension MessageContent: CustomStringConvertible, CustomReflectable {
    /// The kind alone.
    public var description: String { kind.rawValue }
    public var customMirror: Mirror { Mirror(self, children: []) }

    var kind: ContentError.Kind {
        switch self {
        case .text: .text
        case .contentTemplate: .contentTemplate
        case .spoken: .spoken
        case .email: .email
        case .dynamicTemplate: .dynamicTemplate
        }
    }
}
