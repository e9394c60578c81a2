import JobQueue
import Postgres
import Testing

@Suite("Keeping house")
struct HousekeepingTests {
    @Test("what waits for a disabled sender goes to one that serves it")
    func disabled() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(1_003)
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address) VALUES ('s2', 'sms', '+15550000002');
                UPDATE outrider.senders SET enabled = false WHERE id = 1
                """)
            #expect(try await queue.store.reroute() == 1_000)
            #expect(try await queue.store.reroute() == 3)
            #expect(try await queue.store.reroute() == 0)
            let taken = try await queue.take(of: queue.lane(sender: 2))
            #expect(taken.jobs.count == 200)
            #expect(taken.jobs.allSatisfy { $0.sender?.id == 2 })
        }
    }

    @Test("what waits for a disabled sender that nobody stands in for stays, for a deleted one is held")
    func alone() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address, tenant) VALUES ('own', 'sms', '+15550000002', 'acme');
                UPDATE outrider.senders SET enabled = false WHERE id = 1
                """)
            #expect(try await queue.store.reroute() == 0)
            #expect(try await queue.lanes() == ["send/2/1"])
            try await queue.run("DELETE FROM outrider.senders WHERE id = 1")
            #expect(try await queue.store.reroute() == 2)
            #expect(try await queue.lanes() == ["send/2"])
        }
    }

    @Test("what no sender served goes to the first that does before it is due, and is sent by none until then")
    func unserved() async throws {
        try await TestQueue.with { queue in
            try await queue.run("DELETE FROM outrider.senders")
            try await queue.addJobs(2)
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, run_at) VALUES
                    ('sms', '+15550000009', 'Hello', now() + interval '4 minutes'),
                    ('sms', '+15550000009', 'Hello', now() + interval '1 hour'),
                    ('whatsapp', '+15550000009', 'Hello', null);
                INSERT INTO outrider.senders (name, channel, address, rate_per_second) VALUES ('s2', 'sms', '+15550000002', 1)
                """)
            let unserved = LaneState(lane: .unserved(2), purpose: .send, priority: 2)
            let taken = try await queue.take(1, of: unserved)
            #expect(taken.ids == [1] && taken.jobs.allSatisfy { $0.sender == nil })
            #expect(try await queue.store.reroute() == 2)
            #expect(
                try await queue.dueRows("job_id") == ["2 send/2/2", "3 send/3/2", "4 send/3", "5 send/3"])
        }
    }

    @Test("what is asked for while its only sender is disabled waits for it, and is not held for want of one")
    func askedMeanwhile() async throws {
        try await TestQueue.with { queue in
            try await queue.run("UPDATE outrider.senders SET enabled = false")
            try await queue.addJobs(category: "otp")
            #expect(try await queue.dueRows("job_id") == ["1 send/0/1"])
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
            #expect(try await queue.store.reroute() == 0)
            try await queue.run("UPDATE outrider.senders SET enabled = true")
            #expect(try await queue.look().lanes.map(\.isOpen) == [true])
        }
    }

    @Test("a window of a slow sender is kept as long as it counts")
    func windows() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address, rate_per_second) VALUES ('slow', 'sms', '+15550000002', 0.003);
                INSERT INTO outrider.rate_windows (sender_id, slot, worker, taken_at) VALUES
                    (1, 1, 'w1', now() - interval '3 minutes'), (2, 1, 'w1', now() - interval '3 minutes'),
                    (2, 0, 'w1', now() - interval '12 minutes')
                """)
            try await queue.store.keepHouse()
            #expect(
                try await queue.texts("SELECT concat_ws(' ', sender_id, slot) AS v FROM outrider.rate_windows")
                    == ["2 1"])
        }
    }

    @Test("partitions are made beside a transaction that writes")
    func partitions() async throws {
        try await TestQueue.with { queue in
            try await queue.admin.transaction { writing in
                try await writing.run(
                    script: """
                        INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000009', 'x');
                        INSERT INTO outrider.events (job_id, generation, kind, status) VALUES (1, 0, 'outcome', 'ended')
                        """)
                let rows = try await queue.workers.fetch(
                    Statement(name: "test.partitions", sql: "SELECT outrider.create_partitions(6) AS v"))
                #expect(try rows[0].int("v") == 2)
            }
            // They are whole: rules, keys and triggers came along.
            try await queue.run("SELECT setval('outrider.jobs_id_seq', 25000000)")
            let keyed =
                "INSERT INTO outrider.jobs (channel, address, body, idempotency_key) VALUES ('sms', '+15550000009', 'x', 'k')"
            try await queue.run("\(keyed); \(keyed)")
            #expect(try await queue.count("outrider.jobs_5") == 1)
            await #expect(throws: PostgresError.self) {
                try await queue.run(
                    "INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '15550000009', 'x')")
            }
        }
    }

    @Test("a job that lost its due row gets it back for its own time")
    func rebuilt() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, run_at) VALUES
                    ('sms', '+15550000009', 'x', now() + interval '10 days'), ('sms', '+15550000009', 'x', null);
                TRUNCATE outrider.due; SELECT outrider.rebuild_due()
                """)
            #expect(
                try await queue.texts(
                    """
                    SELECT concat_ws(' ', job_id, d.at = j.run_at) AS v FROM outrider.due d JOIN outrider.jobs j ON j.id = job_id
                     ORDER BY job_id
                    """) == ["1 t", "2"])
        }
    }

    @Test("the newest jobs are found by the index, not by reading all")
    func newest() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(5_000)
            try await queue.run("ANALYZE outrider.jobs")
            let rows = try await queue.admin.fetch(
                Statement(
                    name: "test.newest",
                    sql: "EXPLAIN (FORMAT JSON) SELECT id, state FROM outrider.job_status ORDER BY id DESC LIMIT 20"))
            let plan = try PlanNode(explained: try rows[0].string("QUERY PLAN"))
            let jobs = plan.all.filter { $0.scans(["jobs"]) }
            #expect(!jobs.isEmpty && jobs.allSatisfy { $0.index?.hasSuffix("_pkey") == true })
            #expect(plan.type == "Limit" && !(plan.children ?? []).contains { $0.type.contains("Sort") })
        }
    }

    @Test("an address is suppressed where it is reached, when no channel is named")
    func suppressed() async throws {
        try await TestQueue.with { queue in
            try await queue.run("SELECT outrider.suppress('Bob@example.org'), outrider.suppress('+15550000009')")
            #expect(
                try await queue.texts("SELECT address || ' ' || channel AS v FROM outrider.suppressions ORDER BY id")
                    == ["bob@example.org email", "+15550000009 sms", "+15550000009 voice", "+15550000009 whatsapp"])
        }
    }
}

extension TestQueue {
    /// The lanes in which something waits.
    fileprivate func lanes() async throws -> [String?] {
        try await Array(Set(dueRows("NULL")))
    }
}
