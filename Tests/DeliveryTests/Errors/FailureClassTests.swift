import Delivery
import Testing

@Suite("Failure classes")
struct FailureClassTests {
    /// From least to greatest, written out here so that a change of the order must be meant.
    static let order: [FailureClass] = [
        .unknown, .transient, .uncertain, .rateLimited, .quietHours, .expired, .noAnswer, .unreachable, .filtered,
        .blocked,
        .landline, .invalidAddress, .wrongSender, .unregistered, .unroutable, .windowClosed, .content, .configuration,
        .credentials, .channelOptedOut, .fraudBlock, .optedOut,
    ]

    @Test("the order is total: each class has one place")
    func totalOrder() {
        #expect(Set(Self.order) == Set(FailureClass.allCases))
        #expect(Self.order.count == FailureClass.allCases.count)
        for (index, one) in Self.order.enumerated() {
            for (otherIndex, other) in Self.order.enumerated() {
                #expect((one < other) == (index < otherIndex))
            }
        }
    }

    @Test("the same failures give the same class in any order of arrival")
    func deterministic() {
        var random = SplitMix64(seed: 17)
        for _ in 0..<200 {
            let reported = FailureClass.allCases.shuffled(using: &random).prefix(4)
            #expect(reported.max() == reported.shuffled(using: &random).max())
        }
        #expect([FailureClass.unreachable, .optedOut, .transient].max() == .optedOut)
        #expect([FailureClass.unknown, .transient].max() == .transient)
    }

    @Test("the stored names never change, for rows outlive releases")
    func rawValues() {
        #expect(
            FailureClass.allCases.map(\.rawValue) == [
                "transient", "uncertain", "unreachable", "invalid_address", "landline", "filtered", "blocked",
                "channel_opted_out", "opted_out", "window_closed", "expired", "rate_limited", "quiet_hours",
                "configuration", "credentials", "wrong_sender", "unregistered", "unroutable", "fraud_block", "content",
                "no_answer", "unknown",
            ])
    }
}
