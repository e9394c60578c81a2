import Delivery
import JobQueue
import Synchronization
import Testing

@Suite("The rate of a sender", .timeLimit(.minutes(5)))
struct RateTests {
    @Test("two workers on one sender never take more than the rate in one window")
    func shared() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(12)
            async let one = drain(queue, as: "a")
            async let other = drain(queue, as: "b")
            let sends = try await one + other
            #expect(sends.count == 12 && Set(sends.map(\.job)).count == 12)
            let perSlot = Dictionary(grouping: sends, by: \.slot).mapValues(\.count)
            #expect(perSlot.values.allSatisfy { $0 <= 5 })
            #expect(perSlot.count >= 3)
            let recorded = try await queue.texts("SELECT slot::text AS v FROM outrider.rate_windows")
            #expect(Set(perSlot.keys.map(String.init)).isSubset(of: Set(recorded.compactMap(\.self))))
        }
    }

    /// Takes until nothing is left; says which job was begun in which window.
    private func drain(_ queue: TestQueue, as worker: String) async throws -> [(slot: Int, job: Int)] {
        let payer = Payer(RateAllowance(rate: 5))
        var sends: [(slot: Int, job: Int)] = []
        let end = ContinuousClock.now + .seconds(30)
        while try await queue.count("outrider.due") > 0, ContinuousClock.now < end {
            let taken = try await queue.take(4, worker: worker, window: payer.window, rule: payer.rule)
            for job in taken.jobs { sends.append((try #require(payer.allowance.slot), job.id)) }
        }
        return sends
    }

    @Test("a window is weighed in segments and filled, never overfilled")
    func segments() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(3, body: String(repeating: "a", count: 300))  // 2 segments each
            let payer = Payer(.long(5))
            let taken = try await queue.take(window: payer.window, rule: payer.rule)
            #expect(taken.jobs.map(\.due.cost) == [2, 2])
            #expect(try await queue.count("outrider.due") == 1)
        }
    }

    @Test("a message longer than a whole window takes one to itself and leaves a debt that later windows pay")
    func debt() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2, body: String(repeating: "a", count: 1_000))  // 7 segments each
            let payer = Payer(.long(3))
            #expect(try await queue.take(window: payer.window, rule: payer.rule).jobs.map(\.due.cost) == [7])
            #expect(payer.allowance.remaining == -4)
            #expect(try await queue.take(window: payer.window, rule: payer.rule).jobs.isEmpty)
            var allowance = payer.allowance
            let windows = (1...3).map { slot in
                allowance.won(slot: slot)
                return allowance.remaining
            }
            #expect(windows == [-1, 2, 3])
        }
    }

    @Test("a window that another worker owns gives nothing, and one that nobody needs is not taken")
    func owned() async throws {
        try await TestQueue.with { queue in
            let (a, b) = (Payer(.long(5)), Payer(.long(5)))
            let idle = try await queue.take(window: a.window, rule: a.rule)
            #expect(idle.take.wonSlot == nil && idle.jobs.isEmpty)
            try await queue.addJobs(2)
            let first = try await queue.take(1, worker: "a", window: a.window, rule: a.rule)
            let other = try await queue.take(worker: "b", window: b.window, rule: b.rule)
            #expect(first.jobs.count == 1 && first.take.wonSlot != nil)
            #expect(other.take.rows.isEmpty && other.take.wonSlot == nil && other.begun.leaseID == nil)
            #expect(try await queue.count("outrider.rate_windows") == 1)
            #expect(try await queue.count("outrider.due") == 1)
        }
    }

    @Test("a window whose owner begins nothing of it is still the owner's")
    func kept() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let payer = Payer(.long(5))
            let unused = try await queue.take(window: payer.window) { take in
                payer.win(take)
                return Verdict()
            }
            #expect(unused.take.wonSlot != nil && unused.take.rows.count == 2)
            #expect(try await queue.take(window: payer.window, rule: payer.rule).ids == [1, 2])
            #expect(try await queue.count("outrider.rate_windows") == 1)
        }
    }

    @Test(
        "a rate is whole sends in a window of a second or more, never above the rate",
        arguments: [
            (5.0, 5, 1_000), (1.0, 1, 1_000), (0.5, 1, 2_000), (2.5, 2, 1_000), (0.3, 1, 3_334),
        ])
    func windows(rate: Double, sends: Int, milliseconds: Int) {
        let allowance = RateAllowance(rate: rate)
        #expect(allowance.perWindow == sends && allowance.windowMilliseconds == milliseconds)
    }
}

/// Pays for sends from the windows that one worker wins.
private final class Payer: Sendable {
    private let state: Mutex<RateAllowance>

    init(_ allowance: RateAllowance) { state = Mutex(allowance) }

    var allowance: RateAllowance { state.withLock { $0 } }
    var window: RateWindow {
        state.withLock { RateWindow(milliseconds: $0.windowMilliseconds, ownedSlot: $0.slot) }
    }

    func win(_ take: Take) {
        guard let slot = take.wonSlot else { return }
        state.withLock { $0.won(slot: slot) }
    }

    /// Sends what the window has room for, in order; the rest stays.
    var rule: @Sendable (Take) -> Verdict {
        { take in
            self.win(take)
            var paid = take
            paid.rows = Array(take.rows.prefix { row in self.state.withLock { $0.pay(row.due.cost) } })
            return Verdict.sendingAll(paid)
        }
    }
}

extension RateAllowance {
    /// Windows so long that no test sees two.
    fileprivate static func long(_ perWindow: Int) -> RateAllowance {
        var allowance = RateAllowance(rate: Double(perWindow))
        allowance.windowMilliseconds = 2_000_000_000
        return allowance
    }
}
