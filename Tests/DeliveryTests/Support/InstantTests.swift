import Delivery
import Testing

@Suite("Instants")
struct InstantTests {
    @Test(
        "an instant moves by whole microseconds, rounded towards the past",
        arguments: [
            (0, Duration.microseconds(1), 1),
            (5, .microseconds(-7), -2),
            (0, .seconds(24 * 60 * 60), 86_400_000_000),
            (0, .nanoseconds(1_999), 1),
            (0, .nanoseconds(-1), -1),
            (0, .nanoseconds(-1_000), -1),
            (10, .nanoseconds(-1_001), 8),
            (10, .zero, 10),
        ] as [(Int64, Duration, Int64)])
    func advance(_ row: (start: Int64, by: Duration, end: Int64)) {
        #expect(Instant(microseconds: row.start).advanced(by: row.by) == Instant(microseconds: row.end))
    }

    @Test("arithmetic at the ends of the range saturates instead of trapping")
    func saturation() {
        let first = Instant(microseconds: .min)
        let last = Instant(microseconds: .max)
        #expect(last.advanced(by: .microseconds(1)) == last)
        #expect(first.advanced(by: .microseconds(-1)) == first)
        #expect(Instant(microseconds: 0).advanced(by: .seconds(Int64.max)) == last)
        #expect(Instant(microseconds: 0).advanced(by: .seconds(Int64.min)) == first)
        #expect(first.duration(to: last) == .microseconds(Int64.max))
        #expect(last.duration(to: first) == .microseconds(Int64.min))
    }

    @Test("the duration to another instant leads to it")
    func durationLeadsThere() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<1_000 {
            let one = Instant(microseconds: .random(in: -(1 << 60)...(1 << 60), using: &random))
            let other = Instant(microseconds: .random(in: -(1 << 60)...(1 << 60), using: &random))
            #expect(one.advanced(by: one.duration(to: other)) == other)
            #expect((one < other) == (one.duration(to: other) > .zero))
        }
    }
}
