public import Delivery

/// A part of the e-mail logs: the mails that the provider took between two instants, by its own clock.
public struct MailLogSpan: Sendable, Hashable {
    public var from: Instant
    public var to: Instant

    public init(from: Instant, to: Instant) {
        self.from = from
        self.to = to
    }
}
