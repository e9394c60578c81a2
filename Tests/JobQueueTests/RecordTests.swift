import Delivery
import JobQueue
import Testing

@Suite("Recording")
struct RecordTests {
    @Test("the same record twice adds its facts and due rows once, and gives back the lease")
    func replayed() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let taken = try await queue.take()
            let (job, lease) = (try #require(taken.jobs.first), try #require(taken.begun.leaseID))
            let answer = event(.answered(.accepted(providerID: "SM1")), job.id)
            let record = Record(
                events: [answer], dueRow: dueRow(job.id, .receipt, generation: 1), fence: answer.key)
            for _ in 1...2 {
                try await queue.store.record([record], worker: "w1", doneLeases: [lease])
            }
            #expect(try await queue.events(of: job.id) == ["1 intent taken", "1 answer accepted"])
            #expect(try await queue.texts("SELECT reason AS v FROM outrider.due") == ["receipt"])
            #expect(try await queue.count("outrider.leases") == 0)
        }
    }

    @Test("of two deciders that differ only the first goes on", arguments: [true, false])
    func deciders(inOneGroup: Bool) async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            _ = try await queue.take()
            let retry = next(.retry, step: 0)
            let escalate = next(.escalate, step: 1)
            if inOneGroup {
                try await queue.store.record([retry, escalate], worker: "w1", doneLeases: [])
            } else {
                try await queue.store.record([retry], worker: "w1", doneLeases: [])
                try await queue.store.record([escalate], worker: "w2", doneLeases: [])
            }
            #expect(try await queue.events(of: 1) == ["1 intent taken", "1 next decided retry"])
            #expect(try await queue.dueRows("step") == ["0 send/2/1"])
        }
    }

    @Test("two recorders that race with the same facts in opposite order both finish, and add them once")
    func opposite() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(128)
            let records = (1...128).map { job in
                let answer = event(.answered(.unknown()), job)
                return Record(events: [answer], dueRow: dueRow(job, .reconcile, generation: 1), fence: answer.key)
            }
            async let one: Void = queue.store.record(records, worker: "a", doneLeases: [])
            async let other: Void = queue.store.record(records.reversed(), worker: "b", doneLeases: [])
            _ = try await (one, other)
            #expect(try await queue.count("outrider.events") == 128)
            #expect(try await queue.count("outrider.due WHERE reason = 'reconcile'") == 128)
        }
    }

    @Test("a due row lies in the future it names, or now, and a send goes to its sender's lane with its cost")
    func placed() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(body: String(repeating: "a", count: 300))
            _ = try await queue.take()
            let later = try await queue.store.clock().advanced(by: .seconds(3_600))
            var soon = dueRow(1, .dispatch, generation: 2)
            soon.at = Instant(microseconds: 0)
            var timer = dueRow(1, .receipt, generation: 1)
            timer.at = later
            try await queue.store.record([Record(dueRow: soon), Record(dueRow: timer)], worker: "w1", doneLeases: [])
            #expect(
                try await queue.dueRows(
                    "reason, cost, at > now() - interval '1 minute', at > now() + interval '59 minutes'")
                    == ["dispatch 2 t f send/2/1", "receipt 1 t t ask_phone/2"])
        }
    }

    @Test("what a refusal says of the address and of the sender is kept")
    func consequences() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            _ = try await queue.take()
            let record = Record(
                suppressions: [
                    .init(
                        jobID: 1, generation: 1, channels: [.sms, .voice], reach: .everything,
                        reason: "provider 21610", source: "test")
                ],
                refusals: [.init(.init(jobID: 1, generation: 1), reason: "test", limit: 1)])
            for _ in 1...2 { try await queue.store.record([record], worker: "w1", doneLeases: []) }
            #expect(
                try await queue.texts(
                    "SELECT channel AS v FROM outrider.suppressions WHERE lifted_at IS NULL ORDER BY 1") == [
                        "sms", "voice",
                    ])
            try await queue.addJobs()
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
        }
    }

    @Test(
        "a provider's word binds the tenants whose number wrote, and stops what it is about; mail is every tenant's",
        arguments: [
            ([], OptOutReach.everything, [" sms ", " voice "]), (["shop"], .everything, ["shop sms ", "shop voice "]),
            (
                ["club", "shop"], .marketing,
                ["club sms marketing", "club voice marketing", "shop sms marketing", "shop voice marketing"]
            ),
        ] as [([String], OptOutReach, [String])])
    func tenants(_ owners: [String], _ reach: OptOutReach, _ kept: [String]) async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            _ = try await queue.take()
            for (n, owner) in owners.enumerated() {
                try await queue.run(
                    n == 0
                        ? "UPDATE outrider.senders SET tenant = '\(owner)'"
                        : "INSERT INTO outrider.senders (name, channel, address, tenant) SELECT 'again', 'voice', address, '\(owner)' FROM outrider.senders"
                )
            }
            func suppress(_ channels: Set<Channel>) async throws -> [String?] {
                let record = Record(
                    suppressions: [
                        .init(
                            jobID: 1, generation: 1, channels: channels, reach: reach, reason: "provider 1",
                            source: "test")
                    ])
                try await queue.store.record([record], worker: "w1", doneLeases: [])
                return try await queue.texts(
                    "SELECT tenant || ' ' || channel || ' ' || category AS v FROM outrider.suppressions ORDER BY 1")
            }
            #expect(try await suppress([.sms, .voice]) == kept)
        }
    }

    @Test("what was learnt before a suppression was lifted does not put it back")
    func lifted() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.jobs (channel, address, subject, body) VALUES ('email', 'ann@example.com', 'x', 'y')"
            )
            let now = try await queue.texts("SELECT (extract(epoch from clock_timestamp()) * 1e6)::bigint::text AS v")
            let before = Instant(microseconds: try #require(now.first.flatMap { $0 }.flatMap { Int64($0) }))
            func suppress(_ at: Instant?) async throws -> [String?] {
                let record = Record(
                    suppressions: [
                        .init(
                            jobID: 1, generation: 1, channels: [.email], reach: .everything, reason: "bounce",
                            source: "test", at: at)
                    ])
                try await queue.store.record([record], worker: "w1", doneLeases: [])
                return try await queue.texts("SELECT channel AS v FROM outrider.suppressions WHERE lifted_at IS NULL")
            }
            #expect(try await suppress(before) == ["email"])
            try await queue.run("SELECT outrider.lift_suppression('ann@example.com')")
            #expect(try await suppress(before) == [])
            #expect(try await suppress(before.advanced(by: .seconds(60))) == ["email"])
            try await queue.run("SELECT outrider.lift_suppression('ann@example.com')")
            #expect(try await suppress(nil) == ["email"])
        }
    }

    @Test("a history taken again holds what was recorded")
    func history() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let job = try #require(try await queue.take().jobs.first)
            var record = next(.retry, step: 0)
            record.events.insert(event(.answered(.refused(.rateLimited, retryAfter: .seconds(7)))), at: 0)
            record.settled = OpenSend(key: job.sendKey, jobID: 1, generation: 1)
            try await queue.store.record([record], worker: "w1", doneLeases: [])
            let again = try #require(try await queue.take().jobs.first)
            let attempt = try #require(again.history.attempts.first)
            #expect(again.generation == 2 && again.reason == .dispatch)
            #expect(attempt.generation == 1 && attempt.isContinued && attempt.retryAfter == .seconds(7))
            #expect(again.history.tokens[1] == job.token && again.token != job.token)
        }
    }

    @Test("a due row that hangs on an event of another record in the same commit is dropped with its own event")
    func fencedInOneCommit() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            _ = try await queue.take()
            let answer = event(.answered(.unknown()))
            let records = [10, 20].map { seconds in
                var row = dueRow(1, .reconcile, generation: 1)
                row.step = seconds
                return Record(events: [answer], dueRow: row, fence: answer.key)
            }
            try await queue.store.record(records, worker: "w1", doneLeases: [])
            #expect(try await queue.texts("SELECT step::text AS v FROM outrider.due") == ["10"])
        }
    }

    private func next(_ next: JobEvent.Continuation, step: Int) -> Record {
        var row = dueRow(1, .dispatch, generation: 2)
        row.step = step
        let decided = event(.decided(next, step: step))
        return Record(events: [decided], dueRow: row, fence: decided.key)
    }

    private func dueRow(_ job: Int, _ reason: DueReason, generation: Int) -> NewDueRow {
        NewDueRow(
            jobID: job, at: Instant(microseconds: 0), reason: reason, step: 0, generation: generation, ladderID: nil,
            channel: .sms, priority: 2)
    }
}
