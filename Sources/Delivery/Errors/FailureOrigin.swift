/// How a failure reached us, which says whether the provider refused the request or failed to deliver later.
public enum FailureOrigin: Sendable, Hashable {
    /// The HTTP answer to the send itself.
    case answer(httpStatus: Int)
    /// A later word about an accepted message: a callback, an event or a poll.
    case receipt
}
