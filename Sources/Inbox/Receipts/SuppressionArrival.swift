public import Delivery

/// An address that a provider says must not be contacted on one channel.
public struct SuppressionArrival: Sendable, Hashable {
    /// E.164, or an e-mail address in any case.
    public var address: String
    public var channel: Channel
    /// Why, in one word: `unsubscribe`, `spamreport`, `bounce`.
    public var reason: String
    /// Who said so, with the provider's id of the event.
    public var source: String
    /// When it happened, by the provider's clock; nil when it does not say.
    public var at: Instant?

    public init(address: String, channel: Channel, reason: String, source: String, at: Instant? = nil) {
        self.address = address
        self.channel = channel
        self.reason = reason
        self.source = source
        self.at = at
    }

    var isReadable: Bool { [address, reason, source].allSatisfy { !$0.utf8.contains(0) } }
}
