import Delivery
import Providers

/// How much of the e-mail logs one search asks for: as much as a page holds.
///
/// A page has no next one, so a span with more mails than a page shows must be asked for in parts.
struct MailLogReach {
    private static let widest = Duration.seconds(86_400)
    private static let narrowest = Duration.seconds(8)
    /// How far the provider's clock may be off, and how long a request may have been under way. It is less where the
    /// mails are too many for it, and then the search proves nothing.
    private static let widestMargin = Duration.seconds(300)

    private var width = Duration.seconds(3_600)

    private var margin: Duration { min(Self.widestMargin, width / 4) }

    /// Whether a mail that a span does not show was not taken about that time. The provider may have dated
    /// the mail before the span or behind it: the narrower the span, the closer are its ends to the instant.
    var isSure: Bool { margin == Self.widestMargin }

    /// The mail of that instant and those after it.
    func span(from instant: Instant) -> MailLogSpan {
        let begin = instant.advanced(by: .zero - margin)
        return MailLogSpan(from: begin, to: begin.advanced(by: width))
    }

    /// Whether a mail of that instant must be in the span.
    func holds(_ instant: Instant, in span: MailLogSpan) -> Bool {
        instant.advanced(by: .zero - margin) >= span.from && instant.advanced(by: margin) <= span.to
    }

    /// Where a mail of that instant must be, however narrow the reach is.
    static func around(_ instant: Instant) -> MailLogSpan {
        MailLogSpan(from: instant.advanced(by: .zero - widestMargin), to: instant.advanced(by: widestMargin))
    }

    mutating func widen() { width = min(width * 2, Self.widest) }

    /// False when it cannot be narrower.
    mutating func narrow() -> Bool {
        guard width > Self.narrowest else { return false }
        width = max(width / 2, Self.narrowest)
        return true
    }
}
