public import Delivery

/// What the reply to a send says about the one question that matters: did the provider take the message?
public enum SendReading: Sendable, Hashable {
    /// Taken, with the provider's id and, when it named one, its first status.
    case accepted(providerID: String, providerStatus: String?)
    /// Not taken, for a reason that a repeat would not change by itself. `class` is nil where the table of error codes
    /// has to be asked for `code`; `defaultClass` serves when it does not know it. `retryAfter` is at most an hour.
    case refused(
        code: String, class: FailureClass?, defaultClass: FailureClass, httpStatus: Int, retryAfter: Duration?)
    /// Certainly not processed: sending again cannot double anything. `retryAfter` is at most an hour.
    case notSent(reason: String, retryAfter: Duration?, isRateLimited: Bool)
    /// Taken or not: nobody can say. Never send again blindly.
    case unknown(reason: String)
}

/// What a poll of one message or call says.
public enum StatusReading: Sendable, Hashable {
    case facts([Receipt])
    /// The provider does not know the id.
    case notFound
    /// No readable answer; ask again later.
    case unavailable(reason: String)
}

/// What one page of an account's messages says became of them.
public enum StatusPage: Sendable, Hashable {
    /// The receipt of each message on it, by id. `next` asks for what stands behind them; nil at the end of the list.
    case page([String: Receipt], next: String?)
    /// No readable answer; ask about single messages.
    case unavailable
}

/// What a listing of the provider's messages says about a send whose answer was lost.
public enum ListingReading: Sendable, Hashable {
    case found(providerID: String, receipts: [Receipt], sighting: Sighting = Sighting())
    /// Not among them. Listings lag behind creation, so it takes two, a minute or two apart, to mean anything.
    case notFound
    /// No readable answer, or not a whole one; ask again later.
    case unavailable(reason: String)
}

/// What a provider told of a number.
public enum LookupReading: Sendable, Hashable {
    /// An answer to each question; some may be that it told nothing.
    case told(NumberLookup)
    /// No readable answer. `retryAfter` is at most an hour.
    case unavailable(code: String, isRateLimited: Bool, retryAfter: Duration?)
}
