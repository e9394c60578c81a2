import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Calls that are asked to be ended", .timeLimit(.minutes(5)))
struct CallEndTests {
    /// Jobs 1 to 3 call persons 1 to 3, and their intents are taken.
    private func calls(_ queue: TestQueue) async throws {
        try await queue.run(
            "INSERT INTO outrider.senders (name, channel, address) VALUES ('c', 'voice', '+15550000001')")
        try await queue.run(
            """
            INSERT INTO outrider.jobs (channel, address, body, category)
            SELECT 'voice', '+1555000000' || n, 'Hi', 'transactional' FROM generate_series(1, 3) n
            """)
        #expect(try await queue.take(of: queue.lane(sender: 2)).ids == [1, 2, 3])
    }

    private func ends(_ queue: TestQueue) async throws -> [String?] {
        try await queue.texts("SELECT job_id || ' ' || generation || ' ' || reason AS v FROM outrider.ends ORDER BY 1")
    }

    @Test("a no to calls by whatever door asks for the end of calls to that address, of the tenants it binds")
    func doors() async throws {
        try await TestQueue.with { queue in
            try await calls(queue)
            let insert = "INSERT INTO outrider.suppressions (tenant, address, channel, reason, source) VALUES"
            try await queue.run(
                "\(insert) ('another', '+15550000001', 'voice', 'x', 'x'), ('', '+15550000001', 'sms', 'x', 'x')")
            #expect(try await ends(queue) == [])
            try await queue.run("\(insert) ('default', '+15550000001', 'voice', 'x', 'x')")
            #expect(try await ends(queue) == ["1 1 opted_out"])
            try await queue.run("SELECT outrider.suppress('+15550000002')")
            #expect(try await ends(queue) == ["1 1 opted_out", "2 1 opted_out"])
            let job = try #require(
                try await queue.store.takeEnds(atMost: 9, patience: .seconds(9)).first { $0.jobID == 2 })
            #expect(job.reason == .optedOut && job.history.attempts.map(\.phase) == [.open])
            try await queue.store.record(
                [
                    Record(suppressions: [
                        .init(
                            jobID: 3, generation: 1, channels: Channel.phoneChannels, reach: .everything,
                            reason: "provider 21610", source: "x")
                    ])
                ], worker: "w1", doneLeases: [])
            #expect(try await ends(queue).contains("3 1 opted_out"))
        }
    }

    @Test(
        "a STOP and the beginning of a call to the same number wait for each other, so that one of them sees the other")
    func race() async throws {
        try await TestQueue.with { queue in
            try await calls(queue)
            // What a beginning that did not see the STOP does last.
            try await queue.run(
                "INSERT INTO outrider.suppressions (address, channel, reason, source) VALUES ('+15550000009', 'voice', 'x', 'x')"
            )
            try await queue.run(
                "SELECT outrider.note_calls('{1,2}', '{1,1}', '{+15550000009,+15550000002}', '{default,default}', NULL)"
            )
            #expect(try await ends(queue) == ["1 1 opted_out"])
        }
    }

    @Test("a no to offers ends no other call, whether it is said while the call waits or just before it begins")
    func categories() async throws {
        try await TestQueue.with { queue in
            try await calls(queue)
            let insert = "INSERT INTO outrider.suppressions (category, address, channel, reason, source) VALUES"
            try await queue.run(
                "\(insert) ('marketing', '+15550000001', 'voice', 'x', 'x'), ('marketing', '+15550000009', 'voice', 'x', 'x')"
            )
            let begins = "SELECT outrider.note_calls('{2}', '{1}', '{+15550000009}', '{default}', NULL)"
            try await queue.run(begins)
            #expect(try await ends(queue) == [])
            try await queue.run("\(insert) ('transactional', '+15550000001', 'voice', 'x', 'x')")
            #expect(try await ends(queue) == ["1 1 opted_out"])
            try await queue.run("\(insert) ('transactional', '+15550000009', 'voice', 'y', 'y')")
            try await queue.run(begins)
            #expect(try await ends(queue) == ["1 1 opted_out", "2 1 opted_out"])
        }
    }

    @Test("a job that is canceled has its call ended, and a call of the day before is forgotten")
    func forgotten() async throws {
        try await TestQueue.with { queue in
            try await calls(queue)
            try await queue.run("SELECT outrider.cancel(1)")
            try await queue.run(
                "UPDATE outrider.open_calls SET begun_at = now() - interval '26 hours' WHERE job_id > 1")
            try await queue.store.keepHouse()
            #expect(try await queue.texts("SELECT job_id::text AS v FROM outrider.open_calls") == ["1"])
            #expect(try await queue.store.takeEnds(atMost: 9, patience: .seconds(9)).map(\.jobID) == [1])
        }
    }
}
