public import Delivery

/// What the table `error_codes` says of one provider code.
public struct ErrorClass: Sendable, Hashable {
    public var failure: FailureClass
    /// The wait it asks for before a retry, if it names one.
    public var retryAfter: Duration?

    public init(failure: FailureClass, retryAfter: Duration? = nil) {
        self.failure = failure
        self.retryAfter = retryAfter
    }
}
