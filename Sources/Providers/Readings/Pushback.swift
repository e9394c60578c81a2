import Delivery
package import HTTPTransport

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

/// Whose limit of speed a provider's answer reports: who is to be asked for less.
public enum SpeedLimit: Sendable, Hashable {
    case account, sender
}

extension SendReading {
    /// Codes that come with HTTP 429, but are of one recipient: nobody else is to be sent less for them.
    private static let recipientLimits: Set<String> = ["14107", "60212"]
    /// Codes of a sender's own queue; they come with HTTP 400.
    private static let senderLimits: Set<String> = ["21611"]

    /// Nil when the answer reports no limit of speed, or one of a single recipient.
    public var speedLimit: SpeedLimit? {
        switch self {
        case .notSent(let reason, _, isRateLimited: true): Self.recipientLimits.contains(reason) ? nil : .account
        case .refused(let code, _, _, _, _): Self.senderLimits.contains(code) ? .sender : nil
        case .accepted, .notSent, .unknown: nil
        }
    }

    /// How long the provider itself asks us to wait.
    public var wait: Duration? {
        switch self {
        case .notSent(_, let wait, _), .refused(_, _, _, _, let wait): wait
        case .accepted, .unknown: nil
        }
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
            let now = response.sentAt
        else { return nil }
        let (seconds, overflow) = reset.subtractingReportingOverflow(now.microseconds / 1_000_000)
        guard !overflow else { return nil }
        return min(.seconds(max(0, seconds)), longest)
    }
}

extension ServerReply {
    /// How long the server asks us to wait (`Retry-After`, RFC 9110 §10.2.3); nil when it does not say so readably.
    ///
    /// Takes seconds or an HTTP date. A date is measured against the reply's own `Date`, so this machine's clock does
    /// not matter; without `Date` it is ignored. A past date is zero.
    /// - Parameter limit: the longest answer, so that one reply cannot park a sender for days.
    package func retryAfter(limit: Duration = .seconds(3_600)) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = decimal(text.utf8) { return min(.seconds(seconds), limit) }
        guard let until = WireDate(http: text), let now = sentAt else { return nil }
        return min(max(.zero, now.duration(to: until.instant)), limit)
    }

    /// The server's own time when it made this reply (`Date`, RFC 9110 §6.6.1); nil when it does not say so readably.
    var sentAt: Instant? { header("Date").flatMap { WireDate(http: $0) }?.instant }
}

/// Decimal digits and nothing else. A number of more than 18 is cut to the largest of 18, so that it cannot overflow.
private func decimal(_ text: String.UTF8View) -> Int64? {
    guard !text.isEmpty, text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    let digits = text.drop { $0 == UInt8(ascii: "0") }
    guard digits.count <= 18 else { return 999_999_999_999_999_999 }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
}
