/// WhatsApp's customer service window: for 24 hours after the recipient's last inbound message a business may write
/// freely; outside it only an approved template goes (docs: whatsapp/key-concepts; error 63016).
///
/// `outrider.window_is_open` is the same in SQL, for the facts of a take; a test holds the two together.
public enum MessagingWindow {
    /// How long one inbound message keeps the window open, less the way to the provider, whose clock decides.
    private static let length = Duration.seconds(24 * 60 * 60 - 10)

    /// Whether a free-form message may be sent `now`. Nobody who never wrote has a window. An inbound message stamped
    /// later than `now` opens it: it is committed, so it has been received, whichever transaction read the clock first.
    public static func isOpen(lastInboundAt: Instant?, now: Instant) -> Bool {
        guard let lastInboundAt else { return false }
        return now < lastInboundAt.advanced(by: length)
    }
}
