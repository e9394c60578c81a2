import Delivery
import Testing

@Suite("WhatsApp window")
struct MessagingWindowTests {
    static let day: Int64 = 86_390_000_000

    @Test(
        "the window is open for 24 hours after the last inbound message, less ten seconds, to the microsecond",
        arguments: [
            (0, 0, true),
            (0, 1, true),
            (0, day - 1, true),
            (0, day, false),
            (0, day + 1, false),
            (-day, 0, false),
            (1 - day, 0, true),
            // Committed by a transaction that read the clock later than ours.
            (1, 0, true),
            (.max, .max, false),
        ] as [(Int64, Int64, Bool)])
    func window(_ row: (inbound: Int64, now: Int64, isOpen: Bool)) {
        let inbound = Instant(microseconds: row.inbound)
        let now = Instant(microseconds: row.now)
        #expect(MessagingWindow.isOpen(lastInboundAt: inbound, now: now) == row.isOpen)
    }

    @Test("nobody who never wrote has a window")
    func never() {
        #expect(!MessagingWindow.isOpen(lastInboundAt: nil, now: Instant(microseconds: 0)))
    }
}
