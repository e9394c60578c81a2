import Delivery
import JobQueue
import Testing

@Suite("The rate of a sender")
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

    /// Claims until nothing is left; says which job was taken in which window.
    private func drain(_ queue: TestQueue, as worker: String) async throws -> [(slot: Int, job: Int)] {
        var allowance = RateAllowance(rate: 5)
        var sends: [(slot: Int, job: Int)] = []
        let end = ContinuousClock.now + .seconds(30)
        while try await queue.count("outrider.due") > 0, ContinuousClock.now < end {
            let claim = try await queue.claim(limit: 4, worker: worker, allowance: allowance)
            if let slot = claim.wonSlot { allowance.won(slot: slot) }
            allowance.spend(claim.jobs.reduce(0) { $0 + $1.cost })
            for job in claim.jobs { sends.append((try #require(allowance.slot), job.id)) }
        }
        return sends
    }

    @Test("a window is weighed in segments and filled, never overfilled")
    func segments() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(3, body: String(repeating: "a", count: 300))  // 2 segments each
            let claim = try await queue.claim(allowance: .long(5))
            #expect(claim.jobs.map(\.cost) == [2, 2])
        }
    }

    @Test("a message longer than a whole window takes one to itself and leaves a debt that later windows pay")
    func debt() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2, body: String(repeating: "a", count: 1_000))  // 7 segments each
            var allowance = RateAllowance.long(3)
            let claim = try await queue.claim(allowance: allowance)
            #expect(claim.jobs.map(\.cost) == [7])
            allowance.won(slot: try #require(claim.wonSlot))
            allowance.spend(7)
            #expect(allowance.remaining == -4)
            #expect(try await queue.claim(allowance: allowance).jobs.isEmpty)
            var windows = [Int]()
            for slot in 1...3 {
                allowance.won(slot: slot)
                windows.append(allowance.remaining)
            }
            #expect(windows == [-1, 2, 3])
        }
    }

    @Test("a window that another worker owns gives nothing, and one that nobody needs is not taken")
    func owned() async throws {
        try await TestQueue.with { queue in
            let idle = try await queue.claim(allowance: .long(5))
            #expect(idle.wonSlot == nil && idle.jobs.isEmpty)
            try await queue.addJobs(2)
            let first = try await queue.claim(limit: 1, worker: "a", allowance: .long(5))
            let other = try await queue.claim(worker: "b", allowance: .long(5))
            #expect(first.jobs.count == 1 && first.wonSlot != nil)
            #expect(other.jobs.isEmpty && other.wonSlot == nil && other.leaseID == nil)
            #expect(try await queue.count("outrider.rate_windows") == 1)
            #expect(try await queue.count("outrider.due") == 1)
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

extension RateAllowance {
    /// Windows so long that no test sees two.
    fileprivate static func long(_ perWindow: Int) -> RateAllowance {
        var allowance = RateAllowance(rate: Double(perWindow))
        allowance.windowMilliseconds = 2_000_000_000
        return allowance
    }
}
