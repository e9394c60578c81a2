import Delivery
import JobQueue
import Synchronization
import Testing

@Suite("The rate of a campaign", .timeLimit(.minutes(5)))
struct CampaignRateTests {
    @Test("workers by two senders never begin more of a campaign than its rate in one window, and use it all")
    func shared() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 40, senders: 2, rate: 7)
            let lanes = try await queue.campaignLanes()
            #expect(lanes.count == 2 && lanes.allSatisfy { $0.campaignRate == 7 })
            async let one = drain(queue, lanes, as: "a")
            async let other = drain(queue, lanes.reversed(), as: "b")
            async let third = drain(queue, lanes, as: "c")
            let drained = try await [one, other, third]
            let sends = drained.flatMap(\.sends)
            #expect(sends.count == 40 && Set(sends.map(\.job)).count == 40)
            let perSlot = Dictionary(grouping: sends, by: \.slot).mapValues(\.count)
            #expect(perSlot.values.allSatisfy { $0 <= 7 }, "\(perSlot)")
            // A machine that stands still for a second leaves a window over; who is told that one is used up finds it so.
            let spent = drained.reduce(into: Set<Int>()) { $0.formUnion($1.spent) }
            #expect(!spent.isEmpty && spent.allSatisfy { perSlot[$0] == 7 }, "\(perSlot), used up: \(spent)")
        }
    }

    private struct Drained: Sendable {
        var sends: [(slot: Int, job: Int)] = []
        /// The windows of which a take said that they are used up.
        var spent: Set<Int> = []
    }

    /// Takes from the lanes in turn, until all are empty.
    private func drain(_ queue: TestQueue, _ lanes: [LaneState], as worker: String) async throws -> Drained {
        var drained = Drained()
        let end = ContinuousClock.now + .seconds(40)
        while try await queue.count("outrider.due") > 0, ContinuousClock.now < end {
            for lane in lanes {
                let taken = try await queue.take(in: lane, worker: worker, wanted: 3)
                for job in taken.jobs { drained.sends.append((try #require(taken.take.campaign?.slot), job.id)) }
                if let campaign = taken.take.campaign, campaign.isSpent { drained.spent.insert(campaign.slot) }
            }
        }
        return drained
    }

    @Test("a take wins as many shares as it has messages for, the next take the others, and the third none")
    func shares() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 40, rate: 25)
            let lane = try #require(try await queue.campaignLanes().first)
            let first = try await queue.take(4, in: lane, long: true)
            #expect(first.take.campaign?.won == 5 && first.take.campaign?.isSpent == false)
            let second = try await queue.take(30, in: lane, worker: "w2", long: true)
            #expect(second.take.campaign?.won == 20 && second.take.campaign?.isSpent == true)
            #expect(first.jobs.count == 4 && second.jobs.count == 20)
            let third = try await queue.take(30, in: lane, worker: "w3", long: true)
            #expect(third.take.rows.isEmpty && third.take.campaign?.isSpent == true)
            let held = try await queue.texts(
                "SELECT concat_ws(' ', worker, count(*)) AS v FROM outrider.campaign_rate_windows GROUP BY worker ORDER BY 1"
            )
            #expect(held == ["w1 2", "w2 8"])
        }
    }

    @Test("what a worker has left of a window goes first, and pays in that window alone")
    func left() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 40, rate: 20)
            let lane = try #require(try await queue.campaignLanes().first)
            let won = try await queue.take(3, in: lane, long: true)
            let slot = try #require(won.take.campaign?.slot)
            #expect(won.take.campaign?.won == 4)
            let owned = try await queue.take(5, in: lane, long: true, owned: (slot, 5)) { _ in Verdict() }
            #expect(owned.take.rows.count == 5 && owned.take.campaign?.won == 0)
            let more = try await queue.take(6, in: lane, long: true, owned: (slot, 5)) { _ in Verdict() }
            #expect(more.take.rows.count == 6 && more.take.campaign?.won == 2)
            let old = try await queue.take(6, in: lane, long: true, owned: (slot - 1, 5)) { _ in Verdict() }
            #expect(old.take.rows.count == 6 && old.take.campaign?.won == 6)
        }
    }

    @Test("who does not own the sender's window wins nothing of the campaign's, and nobody wins while nothing waits")
    func senders() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 10, rate: 10)
            let lane = try #require(try await queue.campaignLanes().first)
            let window = RateWindow(milliseconds: 2_000_000_000)
            let owner = try await queue.take(in: lane, long: true, window: window) { _ in Verdict() }
            #expect(owner.take.wonSlot != nil && owner.take.campaign?.won == 10)
            try await queue.run("DELETE FROM outrider.campaign_rate_windows")
            let other = try await queue.take(in: lane, worker: "w2", long: true, window: window)
            #expect(other.take.rows.isEmpty && other.take.campaign?.won == 0)
            #expect(other.take.campaign?.isSpent == false)
            try await queue.run("DELETE FROM outrider.due; DELETE FROM outrider.rate_windows")
            let idle = try await queue.take(in: lane, long: true, window: window)
            #expect(idle.take.wonSlot == nil && idle.take.campaign?.won == 0)
            #expect(try await queue.count("outrider.campaign_rate_windows") == 0)
        }
    }

    @Test("a campaign whose window is spent leaves the sender's window to others")
    func spent() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 10, rate: 2)
            let lane = try #require(try await queue.campaignLanes().first)
            #expect(try await queue.take(in: lane, long: true).jobs.count == 2)
            let window = RateWindow(milliseconds: 2_000_000_000)
            let next = try await queue.take(in: lane, worker: "w2", long: true, window: window)
            #expect(next.take.rows.isEmpty && next.take.wonSlot == nil)
            #expect(try await queue.count("outrider.rate_windows") == 0)
        }
    }

    @Test("by a rate that was changed since the look nothing is won; the next look tells the new one")
    func changed() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 10, rate: 10)
            let lane = try #require(try await queue.campaignLanes().first)
            try await queue.run("SELECT outrider.set_campaign_rate('spring', 2, 'test', 'default')")
            #expect(try await queue.take(in: lane, long: true).take.rows.isEmpty)
            let slower = try #require(try await queue.campaignLanes().first)
            #expect(slower.campaignRate == 2)
            #expect(try await queue.take(in: slower, long: true).jobs.count == 2)
            try await queue.run("SELECT outrider.set_campaign_rate('spring', null, 'test', 'default')")
            #expect(try await queue.take(in: slower, long: true).take.rows.isEmpty)
            let free = try #require(try await queue.campaignLanes().first)
            #expect(free.campaignRate == nil)
            #expect(try await queue.take(of: free).jobs.count == 8)
        }
    }

    @Test("two that win at once share a window: the second waits for the first, and has what that one left")
    func race() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 30, senders: 2, rate: 10)
            let lanes = try await queue.campaignLanes()
            async let one = queue.take(7, in: lanes[0], worker: "a", long: true)
            async let other = queue.take(7, in: lanes[1], worker: "b", long: true)
            let taken = try await [one, other]
            #expect(taken.reduce(0) { $0 + ($1.take.campaign?.won ?? 0) } == taken.reduce(0) { $0 + $1.jobs.count })
            let rest = try await queue.take(7, in: lanes[0], worker: "c", long: true)
            #expect(taken.reduce(rest.jobs.count) { $0 + $1.jobs.count } == 10)
        }
    }

    @Test("a change is kept with who made it and why; setting what is set changes nothing")
    func kept() async throws {
        try await TestQueue.with { queue in
            try await queue.campaign(people: 1, rate: nil)
            let statement = "SELECT outrider.set_campaign_rate('spring', %, 'the call centre is full', 'default') AS v"
            func set(_ rate: String) async throws -> String? {
                try await queue.texts(statement.replacing("%", with: rate))[0]
            }
            #expect(try await set("10.0") == "at most 10 a second")
            #expect(try await set("10") == "at most 10 a second already")
            #expect(try await set("0.5") == "at most 0.5 a second")
            #expect(try await set("null") == "no limit of its own: as fast as its senders may")
            #expect(try await set("null") == "no limit of its own already")
            let history = try await queue.texts(
                """
                SELECT concat_ws(' ', login = session_user, what, reason, detail->>'before', detail->>'per_second') AS v
                  FROM outrider.campaign_events ORDER BY id
                """)
            let why = "the call centre is full"
            #expect(
                history == [
                    "t rate set to 10 a second \(why) 10", "t rate set to 0.5 a second \(why) 10 0.5",
                    "t rate lifted \(why) 0.5",
                ])
        }
    }

    @Test("windows that are over are dropped, and that of a slow campaign when it does not count any more")
    func dropped() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.campaigns (tenant, name, rate_per_second) VALUES ('default', 'fast', 10), ('default', 'slow', 0.003);
                INSERT INTO outrider.campaign_rate_windows (campaign_id, slot, share, worker, taken_at) VALUES
                    (1, 1, 0, 'w1', now() - interval '3 minutes'), (1, 2, 0, 'w1', now() - interval '1 minute'),
                    (2, 1, 0, 'w1', now() - interval '3 minutes'), (2, 0, 0, 'w1', now() - interval '12 minutes')
                """)
            try await queue.store.keepHouse()
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', campaign_id, slot) AS v FROM outrider.campaign_rate_windows ORDER BY 1")
                    == ["1 2", "2 1"])
        }
    }
}

extension TestQueue {
    /// A campaign whose people all wait, by as many senders.
    fileprivate func campaign(people: Int, senders: Int = 1, rate: Double?) async throws {
        for number in 1..<max(senders, 1) {
            try await run(
                "INSERT INTO outrider.senders (name, channel, address) VALUES ('t\(number)', 'sms', '+1555000000\(number + 1)')"
            )
        }
        try await run(
            """
            INSERT INTO outrider.campaigns (tenant, name, rate_per_second) VALUES ('default', 'spring', \(rate.map { "\($0)" } ?? "null"));
            INSERT INTO outrider.jobs (channel, address, body, campaign, category, priority)
            SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), 'Hello', 'spring', 'transactional', 0 FROM generate_series(1, \(people)) n
            """)
    }

    fileprivate func campaignLanes() async throws -> [LaneState] {
        try await look().lanes.filter { $0.campaignID != nil && $0.purpose == .send }
    }

    /// Takes as a worker does that can begin so many, and begins what its shares and what it had left pay for.
    /// - Parameter long: in a window so long that no test sees two.
    fileprivate func take(
        _ wanted: Int = 200, in lane: LaneState, worker: String = "w1", long: Bool = false,
        window: RateWindow? = nil, owned: (slot: Int, left: Int)? = nil,
        rule: (@Sendable (Take) -> Verdict)? = nil
    ) async throws -> Taken {
        var rate = CampaignRate(try #require(lane.campaignRate))
        if long { rate.milliseconds = 2_000_000_000 }
        let order = TakeOrder(
            lane: lane, floor: .start, limit: wanted, worker: worker, window: window,
            campaign: CampaignWindow(rate: rate, wanted: wanted, ownedSlot: owned?.slot, left: owned?.left ?? 0))
        let seen = Mutex<Take?>(nil)
        let begun = try await store.take(order) { take in
            seen.withLock { $0 = take }
            if let rule { return rule(take) }
            var paid = take
            paid.rows = Array(take.rows.prefix(take.campaign?.won ?? 0))
            return Verdict.sendingAll(paid)
        }
        return Taken(take: try #require(seen.withLock { $0 }), begun: begun)
    }

    fileprivate func take(
        in lane: LaneState, worker: String, wanted: Int
    ) async throws -> Taken { try await take(wanted, in: lane, worker: worker) }
}
