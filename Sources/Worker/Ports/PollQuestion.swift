public import Delivery

/// A question about what became of one message.
public struct PollQuestion: Sendable, Hashable {
    public var providerID: String
    public var channel: Channel
    /// When the provider took it, within minutes; nil when nobody knows. A log is looked up by it.
    public var takenAt: Instant?
    /// Whom it was sent to; nil when nobody knows. Where a log shows too many mails, it is searched for those to one address.
    public var address: String?
    /// Whether the wait is over, or nearly: what is not learnt now counts as no news.
    public var isLast: Bool

    public init(
        providerID: String, channel: Channel, takenAt: Instant? = nil, address: String? = nil, isLast: Bool = false
    ) {
        self.providerID = providerID
        self.channel = channel
        self.takenAt = takenAt
        self.address = address
        self.isLast = isLast
    }
}

extension PollQuestion: CustomStringConvertible, CustomReflectable {
    /// Without the address.
    public var description: String { "what became of \(channel.rawValue) \(providerID)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
