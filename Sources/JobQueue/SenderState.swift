public import Delivery

/// A sender as the claim loop sees it.
public struct SenderState: Sendable, Hashable {
    public var id: Int
    public var channel: Channel
    /// Sends a second over all workers; nil is no limit.
    public var rate: Double?
    /// Whether it is enabled and not paused.
    public var isOpen: Bool

    public init(id: Int, channel: Channel, rate: Double?, isOpen: Bool) {
        self.id = id
        self.channel = channel
        self.rate = rate
        self.isOpen = isOpen
    }
}
