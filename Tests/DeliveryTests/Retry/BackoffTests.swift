import Delivery
import Testing

@Suite("Backoff")
struct BackoffTests {
    static let backoff = Backoff(base: .seconds(1), cap: .seconds(60))

    @Test(
        "the range doubles up to the cap and never overflows",
        arguments: [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (61, 60), (62, 60), (64, 60), (Int.max, 60)])
    func ceiling(_ row: (retry: Int, seconds: Int)) {
        #expect(Self.backoff.ceiling(beforeRetry: row.retry) == .seconds(row.seconds))
    }

    @Test("the widest range of all still saturates at its cap")
    func widest() {
        let widest = Backoff(base: .microseconds(1), cap: .microseconds(Int64.max))
        for n in 0..<62 { #expect(widest.ceiling(beforeRetry: n) == .microseconds(Int64(1) << Int64(n))) }
        #expect(widest.ceiling(beforeRetry: 62) == .microseconds(Int64.max))
        #expect(
            Backoff(base: .seconds(Int64.max), cap: .seconds(Int64.max)).ceiling(beforeRetry: 9)
                == .microseconds(Int64.max))
    }

    @Test("a wait is a whole number of microseconds between 0 and the range", arguments: 0..<12)
    func jitter(retry: Int) {
        var random = SplitMix64(seed: UInt64(retry))
        let ceiling = Self.backoff.ceiling(beforeRetry: retry)
        let waits = (0..<2_000).map { _ in Self.backoff.delay(beforeRetry: retry, using: &random) }
        #expect(waits.allSatisfy { .zero <= $0 && $0 <= ceiling })
        #expect(waits.allSatisfy { $0.components.attoseconds % 1_000_000_000_000 == 0 })
        // Full jitter fills the range evenly: each tenth gets near 200 of 2,000 (σ ≈ 13).
        for tenth in 0..<10 {
            let count = waits.count { ceiling / 10 * tenth <= $0 && $0 < ceiling / 10 * (tenth + 1) }
            #expect((120...280).contains(count))
        }
    }

    @Test("Retry-After is waited out in full, and the storm behind it still spreads")
    func floor() {
        var random = SplitMix64(seed: 5)
        let waits = (0..<1_000).map { _ in
            Self.backoff.delay(beforeRetry: 2, floor: .seconds(30), using: &random)
        }
        #expect(waits.allSatisfy { .seconds(30) <= $0 && $0 <= .seconds(34) })
        #expect(Set(waits).count > 900)
        var one = SplitMix64(seed: 6)
        var other = one
        #expect(
            Self.backoff.delay(beforeRetry: 0, floor: .seconds(-5), using: &one)
                == Self.backoff.delay(beforeRetry: 0, using: &other))
    }

    @Test("the same seed gives the same waits")
    func reproducible() {
        var one = SplitMix64(seed: 11)
        var other = SplitMix64(seed: 11)
        for n in 0..<20 {
            #expect(
                Self.backoff.delay(beforeRetry: n, using: &one) == Self.backoff.delay(beforeRetry: n, using: &other))
        }
    }

    @Test("a backoff without a range is a programmer's error")
    func preconditions() async {
        await #expect(processExitsWith: .failure) { _ = Backoff(base: .zero, cap: .seconds(1)) }
        await #expect(processExitsWith: .failure) { _ = Backoff(base: .seconds(2), cap: .seconds(1)) }
        await #expect(processExitsWith: .failure) {
            _ = Backoff(base: .seconds(1), cap: .seconds(2)).ceiling(beforeRetry: -1)
        }
    }
}
