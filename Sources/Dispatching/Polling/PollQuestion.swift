public import Delivery

/// A question about what became of one message.
public struct PollQuestion: Sendable, Hashable {
    public var providerID: String
    public var channel: Channel
    /// When the provider took it, within minutes; nil when nobody knows. A log is looked up by it.
    public var takenAt: Instant?

    public init(providerID: String, channel: Channel, takenAt: Instant? = nil) {
        self.providerID = providerID
        self.channel = channel
        self.takenAt = takenAt
    }
}
