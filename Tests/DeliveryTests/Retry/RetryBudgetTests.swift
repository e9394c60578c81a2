import Delivery
import Testing

@Suite("Retry budget")
struct RetryBudgetTests {
    static let backoff = Backoff(base: .seconds(1), cap: .seconds(8))
    static let now = Instant(microseconds: 1_000_000_000)

    @Test("no retry beyond the number of attempts", arguments: 1..<8)
    func attempts(attempts: Int) {
        var random = SplitMix64(seed: 1)
        let budget = RetryBudget(maximumAttempts: 4, deadline: Self.now.advanced(by: .seconds(3_600)))
        let retry = budget.retry(afterAttempts: attempts, now: Self.now, backoff: Self.backoff, using: &random)
        #expect((retry != nil) == (attempts < 4))
    }

    @Test("a retry comes strictly before the step's end, or not at all")
    func deadline() {
        var random = SplitMix64(seed: 2)
        var given = 0
        var refused = 0
        for _ in 0..<5_000 {
            let left = Duration.microseconds(Int64.random(in: -1_000_000...6_000_000, using: &random))
            let budget = RetryBudget(maximumAttempts: 5, deadline: Self.now.advanced(by: left))
            let attempts = Int.random(in: 1...4, using: &random)
            var same = random
            let delay = Self.backoff.delay(beforeRetry: attempts - 1, using: &same)
            let retry = budget.retry(afterAttempts: attempts, now: Self.now, backoff: Self.backoff, using: &random)
            if let retry {
                given += 1
                #expect(retry == Self.now.advanced(by: delay))
                #expect(Self.now <= retry && retry < budget.deadline)
            } else {
                refused += 1
                #expect(Self.now.advanced(by: delay) >= budget.deadline)
            }
        }
        #expect(given > 500 && refused > 500, "both answers were met")
    }

    @Test("a Retry-After beyond the step's end is not waited for", arguments: [(29, true), (30, false), (31, false)])
    func retryAfter(_ row: (floor: Int, isGiven: Bool)) {
        var random = SplitMix64(seed: 4)
        let quick = Backoff(base: .microseconds(1), cap: .microseconds(1))
        let budget = RetryBudget(maximumAttempts: 3, deadline: Self.now.advanced(by: .seconds(30)))
        let retry = budget.retry(
            afterAttempts: 1, now: Self.now, backoff: quick, floor: .seconds(row.floor), using: &random)
        #expect((retry != nil) == row.isGiven)
    }

    @Test("the end of time is no deadline that overflows")
    func endOfTime() {
        var random = SplitMix64(seed: 9)
        let budget = RetryBudget(maximumAttempts: 9, deadline: Instant(microseconds: .max))
        let last = Instant(microseconds: .max)
        #expect(budget.retry(afterAttempts: 1, now: last, backoff: Self.backoff, using: &random) == nil)
    }
}
