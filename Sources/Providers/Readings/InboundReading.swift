/// What one page of the provider's list of messages says people wrote to us.
public enum InboundReading: Sendable, Hashable {
    /// The newest first. `next` asks for what stands behind them; nil at the end of the list.
    case page([InboundMessage], next: String?)
    /// The list cannot be gone on with at this place; begin again.
    case lost
    /// No readable answer; ask again later. `retryAfter` is at most an hour.
    case unavailable(reason: String, retryAfter: Duration?)
}
