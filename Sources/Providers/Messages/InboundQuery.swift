public import Delivery

/// Which messages of people to list.
public struct InboundQuery: Sendable, Hashable {
    /// SMS or WhatsApp, and the number they were sent to; nil lists the whole account, for senders whose numbers the
    /// provider picks.
    public var recipient: Recipient?
    /// Those sent then or later.
    public var since: Instant
    /// Where an earlier page ended; nil begins with the newest.
    public var page: String?

    public struct Recipient: Sendable, Hashable {
        public var channel: Channel
        /// E.164, or a short code.
        public var address: String

        public init(channel: Channel, address: String) {
            self.channel = channel
            self.address = address
        }
    }

    public init(recipient: Recipient?, since: Instant, page: String? = nil) {
        self.recipient = recipient
        self.since = since
        self.page = page
    }
}

/// What one page of the provider's list of messages says people wrote to us.
public enum InboundReading: Sendable, Hashable {
    /// The newest first. `next` asks for what stands behind them; nil at the end of the list.
    case page([InboundMessage], next: String?)
    /// The list cannot be gone on with at this place; begin again.
    case lost
    /// No readable answer; ask again later. `retryAfter` is at most an hour.
    case unavailable(reason: String, retryAfter: Duration?)
}
