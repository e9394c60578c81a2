import Delivery
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

/// How long a provider asks us to wait.
enum RateSignal {
    /// The longest wait believed, so that one reply cannot park a sender for days.
    static let longest = Duration.seconds(3_600)

    /// `Retry-After`, else `X-RateLimit-Reset` (Unix seconds, measured against the reply's own `Date`, so that this
    /// machine's clock does not matter); at most an hour, never negative.
    static func wait(in response: ServerReply) -> Duration? {
        response.retryAfter(limit: longest) ?? untilReset(in: response)
    }

    private static func untilReset(in response: ServerReply) -> Duration? {
        guard response.status == 429, let reset = response.header("X-RateLimit-Reset").flatMap({ Int64($0) }),
            let now = response.header("Date").flatMap({ WireDate($0) })
        else { return nil }
        let (seconds, overflow) = reset.subtractingReportingOverflow(now.instant.microseconds / 1_000_000)
        guard !overflow else { return nil }
        return min(.seconds(max(0, seconds)), longest)
    }
}
