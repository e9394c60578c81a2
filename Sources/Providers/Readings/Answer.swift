public import Delivery

/// What the reply to a send says about the one question that matters: did the provider take the message?
public enum Answer: Sendable, Hashable {
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
