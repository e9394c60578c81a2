public import Delivery

/// What a provider told of a number.
public enum LookupReading: Sendable, Hashable {
    /// An answer to each question; some may be that it told nothing.
    case told(NumberLookup)
    /// No readable answer. `retryAfter` is at most an hour.
    case unavailable(code: String, isRateLimited: Bool, retryAfter: Duration?)
}
