public import Delivery
public import Providers

/// A message a person sent to one of our numbers. Its text is not kept.
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
    /// When it was sent, for one that was found in the provider's list; nil for a webhook's, which comes as it is sent.
    public var sentAt: Instant?

    public init(
        providerID: String, channel: Channel, from: String, to: String, keyword: OptOutKeyword? = nil,
        sentAt: Instant? = nil
    ) {
        self.providerID = providerID
        self.channel = channel
        self.from = from
        self.to = to
        self.keyword = keyword
        self.sentAt = sentAt
    }

    public init(_ message: InboundMessage) {
        self.init(
            providerID: message.providerID, channel: message.channel, from: message.from, to: message.to,
            keyword: message.keyword, sentAt: message.sentAt)
    }

    var isReadable: Bool { [providerID, from, to].allSatisfy { !$0.utf8.contains(0) } }
}
