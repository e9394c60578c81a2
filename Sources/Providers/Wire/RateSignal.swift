import Delivery
import HTTPTransport

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
