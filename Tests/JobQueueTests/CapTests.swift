import Delivery
import JobQueue
import Postgres
import TestDatabase
import Testing

@Suite("Caps as rows", .timeLimit(.minutes(5)))
struct CapTests {
    /// Lets a take send what the caps let go; what is over is done with.
    private static func rule(_ caps: [Cap]) -> @Sendable (Take) -> Verdict {
        { take in
            var verdict = Verdict.sendingAll(take)
            let sends = verdict.sends
            let claims = sends.flatMap { send in caps.map { CapClaim($0, send.job) } }
            let done = verdict.done
            verdict.question = CapQuestion(claims) { rooms in
                var settled = Verdict()
                settled.done = done
                var round = CapRound()
                var rest = zip(claims, rooms).map { ($0, $1) }[...]
                for send in sends {
                    let own = rest.prefix(caps.count).compactMap { claim, room in room.map { (claim, $0) } }
                    rest = rest.dropFirst(caps.count)
                    let (ruling, over) = round.rule(on: own.map { ($0.0.cap, $0.1) }, seed: send.job.id)
                    settled.capHits += over.map { CapHit($0, job: send.job.id, wasEnforced: $0.isEnforced) }
                    guard ruling == .allowed else { continue }
                    settled.sends.append(send)
                    settled.capUses += own.compactMap { CapUse($0.0, $0.1) }
                }
                return settled
            }
            return verdict
        }
    }

    private func with(_ caps: String..., body: (TestQueue, [Cap]) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            try await queue.run("DELETE FROM outrider.caps")
            for cap in caps { try await queue.run("SELECT outrider.set_cap(\(cap))") }
            try await body(queue, try await queue.store.contactRules().caps)
        }
    }

    /// One-time passwords to these addresses, each with a text of its own.
    private func ask(
        _ queue: TestQueue, _ addresses: [String], metadata: String = "{}", tenant: String = "default"
    ) async throws {
        for (number, address) in addresses.enumerated() {
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, category, priority, metadata, tenant)
                VALUES ('sms', '\(address)', 'code \(number) ' || gen_random_uuid(), 'otp', 2, '\(metadata)', '\(tenant)')
                """)
        }
    }

    private func begun(_ queue: TestQueue, _ caps: [Cap], limit: Int = 200) async throws -> Int {
        try await queue.take(limit, rule: Self.rule(caps)).begun.sends.count
    }

    @Test("eight workers that take at once let no more go to an address than its cap")
    func concurrent() async throws {
        try await with("'c', 'address', '1 hour', 5") { queue, caps in
            try await ask(queue, Array(repeating: "+15550000001", count: 40))
            let lane = try await queue.lane()
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 1...8 {
                    group.addTask {
                        var sum = 0
                        var takes = 0
                        while takes < 5 {
                            do {
                                let taken = try await queue.take(
                                    1, of: lane, worker: "w\(worker)", rule: Self.rule(caps))
                                sum += taken.begun.sends.count
                                takes += 1
                            } catch let error as StoreError where error.blame == .nobody {}  // Waited for too long.
                        }
                        return sum
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(total == 5)
            #expect(try await queue.count("outrider.cap_uses") == 5)
        }
    }

    @Test("each subject is counted apart, and each tenant for itself; what lacks the key is not counted")
    func subjects() async throws {
        let numbers = ["+48600100001", "+48600100999", "+48600101000", "+15550000001", "+15550000001"]
        for (subject, begins) in [("address", 4), ("prefix", 3), ("country", 2), ("tenant", 1)] {
            try await with("'c', '\(subject)', '1 hour', 1") { queue, caps in
                try await ask(queue, numbers)
                #expect(try await begun(queue, caps) == begins, "\(subject)")
                let prefixes = try await queue.texts("SELECT DISTINCT prefix AS v FROM outrider.cap_uses ORDER BY 1")
                #expect(prefixes == (subject == "prefix" ? ["+15550000", "+48600100", "+48600101"] : [nil]))
                #expect(try await begun(queue, caps) == 0)
                try await ask(queue, ["+15550000001"], tenant: "other")
                #expect(try await begun(queue, caps) == 1, "another tenant's \(subject)")
            }
        }
        for key in ["identity", "ip"] {
            try await with("'c', '\(key)', '1 hour', 1") { queue, caps in
                try await ask(queue, numbers.map { String($0.dropLast()) + "7" }, metadata: "{\"\(key)\": \"x\"}")
                #expect(try await begun(queue, caps) == 1, "\(key)")
                try await ask(queue, ["+15550000007"], metadata: "{\"\(key)\": \"y\"}")
                try await ask(queue, ["+15550000008", "+15550000009"])
                #expect(try await begun(queue, caps) == 3, "another \(key), and two without")
            }
        }
    }

    @Test("there is room again once what was counted has left the span, and upkeep drops it then")
    func slides() async throws {
        try await with("'c', 'address', '10 minutes', 2") { queue, caps in
            let number = "+15550000001"
            try await ask(queue, [number, number, number])
            #expect(try await begun(queue, caps) == 2)
            try await queue.run("UPDATE outrider.cap_uses SET at = at - interval '8 minutes'")
            try await ask(queue, [number])
            #expect(try await begun(queue, caps) == 0)
            try await queue.run("UPDATE outrider.cap_uses SET at = at - interval '3 minutes'")
            try await ask(queue, [number, number, number])
            #expect(try await begun(queue, caps) == 2)
            try await queue.run(
                "UPDATE outrider.cap_uses SET at = at - interval '5 minutes' WHERE at < now() - interval '1 minute'")
            try await queue.store.keepHouse()
            #expect(try await queue.count("outrider.cap_uses") == 2)
            try await queue.run("SELECT outrider.drop_cap('c')")
            try await queue.store.keepHouse()
            #expect(try await queue.count("outrider.cap_uses") == 0)
            #expect(try await queue.count("outrider.cap_locks") == 1)
            try await queue.run("UPDATE outrider.cap_locks SET at = at - interval '2 hours'")
            try await queue.store.keepHouse()
            #expect(try await queue.count("outrider.cap_locks") == 0)
        }
    }

    @Test("a message that is tried again counts once; one that does not begin does not count")
    func once() async throws {
        try await with("'c', 'address', '1 hour', 1") { queue, caps in
            try await ask(queue, ["+15550000001"])
            let first = try #require(try await queue.take(rule: Self.rule(caps)).begun.sends.first)
            try await queue.store.record(
                [
                    Record(
                        events: [event(.answered(.notSent(reason: "test")), first.id)],
                        dueRow: NewDueRow(
                            jobID: first.id, at: first.takenAt, reason: .dispatch, step: 0, generation: 2,
                            ladderID: nil,
                            channel: .sms, priority: first.priority),
                        settled: OpenSend(key: first.sendKey, jobID: first.id, generation: 1))
                ], worker: "w1", doneLeases: [])
            try await queue.makeDue()
            #expect(try await begun(queue, caps) == 1)
            #expect(try await queue.count("outrider.cap_uses") == 1)
            // Its fence refuses it: somebody opted out after the take.
            try await ask(queue, ["+15550000002"])
            let refused = try await queue.take { take in
                #expect(queue.meanwhile("SELECT outrider.suppress('+15550000002', '{sms}', 'test')") == nil)
                return Self.rule(caps)(take)
            }
            #expect(refused.begun.sends.isEmpty)
            #expect(try await queue.count("outrider.cap_uses") == 1)
        }
    }

    @Test("money is counted at the prices of the segments, by attempt")
    func money() async throws {
        try await with("'c', 'tenant', '1 day', money => 0.10, currency => 'USD'") { queue, caps in
            try await queue.run(
                "INSERT INTO outrider.prices (channel, prefix, currency, price) VALUES ('sms', '+48', 'USD', 0.03)")
            #expect(caps.map(\.most) == [100_000])
            try await ask(queue, (1...5).map { "+4860000000\($0)" } + ["+15550000001"])
            #expect(try await begun(queue, caps) == 4, "three at 0.03, and one that costs nothing")
            #expect(try await queue.texts("SELECT sum(weight) AS v FROM outrider.cap_uses") == ["90000"])
        }
    }

    @Test(
        "a take waits a moment for a subject that another transaction holds, and nobody is blamed; to record it waits for nobody"
    )
    func held() async throws {
        try await with("'c', 'address', '1 hour', 5") { queue, caps in
            try await ask(queue, ["+15550000001"])
            let error = await #expect(throws: StoreError.self) {
                try await holding(queue) { try await begun(queue, caps) }
            }
            #expect(error?.blame == .nobody && error?.isOutcomeUnknown == false)
            try await queue.run("SELECT outrider.set_cap_mode('c', 'record_only')")
            #expect(try await holding(queue) { try await begun(queue, caps) } == 1)
            #expect(try await queue.count("outrider.cap_uses") == 1)
        }
    }

    /// While another transaction has the row of the subject locked.
    private func holding(_ queue: TestQueue, _ body: () async throws -> Int) async throws -> Int {
        try await queue.admin.transaction { transaction in
            _ = try await transaction.fetch(
                Statement(
                    name: "test.hold",
                    sql: """
                        INSERT INTO outrider.cap_locks (key) VALUES (hashtextextended('address/default/+15550000001', 0))
                        RETURNING key::text AS v
                        """), [])
            return try await body()
        }
    }
}

@Suite("The guard against SMS pumping", .timeLimit(.minutes(5)))
struct PumpingGuardTests {
    /// Messages that a cap by prefix counted 10 minutes ago, and how many of them arrived.
    private func sent(_ queue: TestQueue, _ count: Int, to block: String, arrived: Int) async throws {
        try await queue.run(
            """
            WITH asked AS (
                INSERT INTO outrider.jobs (channel, address, body, category)
                SELECT 'sms', '\(block)' || lpad(n::text, 3, '0'), 'code ' || n, 'otp' FROM generate_series(1, \(count)) n RETURNING id
            ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM asked
            ), counted AS (
                INSERT INTO outrider.cap_uses (cap_id, key, slot, at, weight, prefix)
                SELECT c.id, 1, a.id, clock_timestamp() - interval '10 minutes', 1, '\(block)' FROM numbered a
                  JOIN outrider.caps c ON c.name = 'otp-per-block-hour'
            )
            INSERT INTO outrider.events (job_id, generation, kind, status, code)
            SELECT id, 0, 'outcome', 'ended', CASE WHEN n <= \(arrived) THEN 'delivered' ELSE 'exhausted' END FROM numbered
            """)
    }

    private func ruling(_ queue: TestQueue, _ number: String, _ category: Delivery.Category) async throws
        -> ContactRuling
    {
        try await queue.run("SELECT outrider.set_anywhere(true)")
        let contact = Contact(job: 1, tenant: "default", category: category, channel: .sms, number: number)
        return try await queue.store.contactRules().ruling(on: contact, at: try await queue.store.clock())
    }

    @Test(
        "a block to which few one-time passwords arrive beside others is stopped for a while, and only one-time passwords"
    )
    func stops() async throws {
        try await TestQueue.with { queue in
            try await sent(queue, 30, to: "+48600100", arrived: 2)
            try await sent(queue, 30, to: "+48600200", arrived: 25)
            try await sent(queue, 19, to: "+48600300", arrived: 0)
            // A one-time password's address goes at its outcome, before its block is judged.
            try await queue.run("UPDATE outrider.jobs SET address = null, address_purged_at = clock_timestamp()")
            #expect(
                try await queue.store.judgePrefixes() == [
                    Condition.PumpedPrefix(prefix: "48600100", messages: 30, arrived: 2, isStopped: false)
                ], "it only records at first")
            #expect(try await queue.store.judgePrefixes() == [], "and says it once")
            #expect(try await ruling(queue, "+48600100500", .otp) == .allowed)
            try await queue.run("SELECT outrider.set_pumping_guard('enforce')")
            #expect(try await queue.store.judgePrefixes().map(\.isStopped) == [true])
            #expect(try await queue.store.judgePrefixes() == [])
            let blocked = try await ruling(queue, "+48600100500", .otp)
            guard case .prefixBlocked(48_600_100, let reason) = blocked else {
                Issue.record("\(blocked)")
                return
            }
            #expect(reason.contains("of 30 one-time passwords to them 2 arrived"))
            #expect(try await ruling(queue, "+48600100500", .transactional) == .allowed)
            #expect(try await ruling(queue, "+48600200500", .otp) == .allowed)
            try await queue.run("SELECT outrider.lift_prefix_stop('+48 600 100')")
            #expect(try await ruling(queue, "+48600100500", .otp) == .allowed)
        }
    }

    @Test("nothing is judged without others to compare with, without receipts, or while it is off")
    func silence() async throws {
        try await TestQueue.with { queue in
            try await queue.run("SELECT outrider.set_pumping_guard('enforce')")
            try await sent(queue, 50, to: "+48600100", arrived: 0)
            #expect(try await queue.store.judgePrefixes() == [], "nothing elsewhere")
            try await sent(queue, 50, to: "+48600200", arrived: 0)
            #expect(try await queue.store.judgePrefixes() == [], "no receipt comes")
            try await sent(queue, 50, to: "+48600300", arrived: 50)
            try await queue.run("SELECT outrider.set_pumping_guard('off')")
            #expect(try await queue.store.judgePrefixes() == [])
            try await queue.run("SELECT outrider.set_pumping_guard('enforce')")
            #expect(try await queue.store.judgePrefixes().map(\.prefix) == ["48600100", "48600200"])
        }
    }
}
