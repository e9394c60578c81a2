public import Delivery

/// A message that a person sent to one of our numbers. Its text is not kept, but for a sentence that an operator must read. Its
/// description shows no address.
public struct InboundMessage: Sendable, Hashable {
    public var providerID: String
    /// SMS or WhatsApp.
    public var channel: Channel
    /// E.164, without a channel's prefix.
    public var from: String
    /// The number it was sent to, without a channel's prefix.
    public var to: String
    /// The wish for no more messages, messages again, or help, if the whole message is that.
    public var keyword: OptOutKeyword?
    /// The sentence that plainly asks for no more messages, if it is one.
    public var wish: OptOutWish?
    /// Whether Twilio has answered the keyword already.
    public var isAnswered: Bool
    /// In characters.
    public var bodyLength: Int
    /// When it was sent, where that is said: in a list. A webhook comes as the message does, and names no time.
    public var sentAt: Instant?

    public init(
        providerID: String, channel: Channel, from: String, to: String, keyword: OptOutKeyword?,
        wish: OptOutWish? = nil, isAnswered: Bool, bodyLength: Int, sentAt: Instant? = nil
    ) {
        self.providerID = providerID
        self.channel = channel
        self.from = from
        self.to = to
        self.keyword = keyword
        self.wish = wish
        self.isAnswered = isAnswered
        self.bodyLength = bodyLength
        self.sentAt = sentAt
    }
}

extension InboundMessage: CustomStringConvertible, CustomReflectable {
    public var description: String { "inbound \(channel.rawValue) message (\(bodyLength) characters)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
