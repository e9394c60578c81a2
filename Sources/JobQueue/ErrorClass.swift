public import Delivery
import Synchronization

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

/// The meaning of provider codes, as the table `error_codes` had it a minute ago at most.
public final class ErrorClasses: Sendable {
    private let table = Mutex<(classes: [String: [String: ErrorClass]], readAt: ContinuousClock.Instant?)>(([:], nil))

    public init() {}

    public func replace(with classes: [String: [String: ErrorClass]]) {
        table.withLock { $0 = (classes, .now) }
    }

    /// The class of a code; nil when the table does not have it.
    public func lookUp(provider: String, code: String) -> ErrorClass? {
        table.withLock { $0.classes[provider]?[code] }
    }

    /// How long ago the table was read; nil when it never was.
    public var age: Duration? {
        table.withLock { $0.readAt.map { .now - $0 } }
    }
}
