import HTTPTransport

/// A provider's wish to be asked less: HTTP 429, or a fault of its own that asking more often will not mend.
public struct Pushback: Sendable, Hashable {
    /// How long it asks to be left alone, at most an hour; nil when it does not say.
    public var retryAfter: Duration?

    public init(retryAfter: Duration? = nil) {
        self.retryAfter = retryAfter
    }

    /// Nil for any other answer, and for none.
    init?(_ result: HTTPResult) {
        guard case .answered(let response) = result, response.status == 429 || response.status >= 500 else {
            return nil
        }
        retryAfter = RateSignal.wait(in: response)
    }
}
