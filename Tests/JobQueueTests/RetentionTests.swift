import JobQueue
import Postgres
import Testing

@Suite("Retention", .timeLimit(.minutes(5)))
struct RetentionTests {
    /// Jobs 1 to 4, of each category; they ended `ago`.
    private static func ended(_ ago: String, _ queue: TestQueue) async throws {
        try await queue.run(
            """
            INSERT INTO outrider.jobs (channel, address, body, category, metadata)
            SELECT 'sms', '+15550000009', 'Hello', c, '{"key": "k1"}'
              FROM unnest('{otp,alert,transactional,marketing}'::text[]) c;
            INSERT INTO outrider.jobs (kind, ladder, phone, email, body, category)
            VALUES ('notify', 'standard', '+15550000009', 'ann@example.com', 'Hello', 'alert');
            INSERT INTO outrider.events (job_id, generation, kind, status, code, at)
            SELECT id, 0, 'outcome', 'ended', 'delivered', clock_timestamp() - interval '\(ago)' FROM outrider.jobs;
            INSERT INTO outrider.jobs (channel, address, body, category) VALUES ('sms', '+15550000009', 'open', 'otp');
            UPDATE outrider.tallying SET outcomes_until = clock_timestamp()
            """)
        try await purge(queue)
    }

    private static func purge(_ queue: TestQueue) async throws {
        let store = PurgeStore(queue.workers)
        for _ in 1...20 where try await !store.purge() { return }
    }

    /// Of each job whether it has its content and its address.
    private static func kept(_ queue: TestQueue) async throws -> [String?] {
        try await queue.texts(
            """
            SELECT concat_ws(' ', id, CASE WHEN body IS NOT NULL THEN 'body' END,
                             CASE WHEN coalesce(address, phone, email) IS NOT NULL THEN 'address' END) AS v
              FROM outrider.jobs ORDER BY id
            """)
    }

    @Test("a one-time password's data goes at its outcome; of others, and of what has not ended, nothing goes early")
    func early() async throws {
        try await TestQueue.with { queue in
            try await Self.ended("5 minutes", queue)
            #expect(
                try await Self.kept(queue) == [
                    "1", "2 body address", "3 body address", "4 body address", "5 body address", "6 body address",
                ])
        }
    }

    @Test("content goes after a week and the address after 90 days; the timeline says when")
    func later() async throws {
        try await TestQueue.with { queue in
            try await Self.ended("8 days", queue)
            #expect(
                try await Self.kept(queue)
                    == ["1", "2 address", "3 address", "4 address", "5 address", "6 body address"])
        }
        try await TestQueue.with { queue in
            try await Self.ended("91 days", queue)
            #expect(try await Self.kept(queue) == ["1", "2", "3", "4", "5", "6 body address"])
            #expect(
                try await queue.texts("SELECT metadata::text AS v FROM outrider.jobs WHERE id = 2") == ["{}"])
            let timeline = try await queue.texts("SELECT detail AS v FROM outrider.timeline(5) WHERE event = 'purged'")
            #expect(timeline.count == 2 && timeline.allSatisfy { $0?.contains(" purged on 20") == true })
            #expect(try await queue.texts("SELECT outrider.why(5) AS v").allSatisfy { $0?.isEmpty == false })
        }
    }

    @Test("a rule that is changed holds for what ended before, and null keeps all")
    func changed() async throws {
        try await TestQueue.with { queue in
            try await queue.run("SELECT outrider.set_retention('alert', null, null, 'evidence')")
            try await Self.ended("8 days", queue)
            #expect(try await Self.kept(queue)[1] == "2 body address")
            try await queue.run("SELECT outrider.set_retention('alert', '0', '7 days', 'agreed')")
            try await Self.purge(queue)
            #expect(try await Self.kept(queue)[1] == "2")
            #expect(try await queue.count("outrider.privacy_events") == 2)
        }
    }

    @Test("who wrote to us is taken out after 90 days, but for a STOP")
    func inbound() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword, received_at)
                VALUES ('SM1', 'sms', '+15550000009', '+15550000001', null, now() - interval '91 days'),
                       ('SM2', 'sms', '+15550000009', '+15550000001', 'stop', now() - interval '91 days'),
                       ('SM3', 'sms', '+15550000009', '+15550000001', null, now() - interval '89 days');
                INSERT INTO outrider.whatsapp_windows (address, sender_address, last_inbound_at)
                VALUES ('+15550000009', '+15550000001', now() - interval '91 days'),
                       ('+15550000010', '+15550000001', now())
                """)
            try await Self.purge(queue)
            #expect(
                try await queue.texts("SELECT from_address AS v FROM outrider.inbound_messages ORDER BY provider_id")
                    == ["", "+15550000009", "+15550000009"])
            #expect(try await queue.texts("SELECT address AS v FROM outrider.whatsapp_windows") == ["+15550000010"])
        }
    }
}
