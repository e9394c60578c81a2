import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Claiming sends")
struct ClaimTests {
    @Test("two workers racing take each row exactly once")
    func race() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2_000)
            async let one = drain(queue, as: "a")
            async let other = drain(queue, as: "b")
            let taken = try await (one, other)
            #expect((taken.0 + taken.1).sorted() == Array(1...2_000))
            #expect(!taken.0.isEmpty && !taken.1.isEmpty)
            #expect(try await queue.count("outrider.events WHERE kind = 'intent'") == 2_000)
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    private func drain(_ queue: TestQueue, as worker: String) async throws -> [Int] {
        var ids: [Int] = []
        var empty = 0
        while empty < 3 {
            let jobs = try await queue.claim(limit: 50, worker: worker).jobs.map(\.id)
            empty = jobs.isEmpty ? empty + 1 : 0
            ids += jobs
        }
        return ids
    }

    @Test("an intent is taken once, by duplicate wake-ups in one claim or in two")
    func duplicates() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let again = "INSERT INTO outrider.due SELECT * FROM outrider.due"
            try await queue.run(again)
            try await queue.run("CREATE TABLE kept AS SELECT * FROM outrider.due")
            let claim = try await queue.claim()
            #expect(claim.jobs.map(\.id) == [1])
            try await queue.run("INSERT INTO outrider.due SELECT * FROM kept")
            let late = try await queue.claim()
            #expect(late.jobs.isEmpty && late.leaseID == nil && late.lastKey != nil)
            #expect(try await queue.events(of: 1) == ["1 intent taken"])
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    @Test("a job that was cancelled is dropped without an intent")
    func cancelled() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.run("SELECT outrider.cancel(1)")
            let claim = try await queue.claim()
            #expect(claim.jobs.map(\.id) == [2])
            #expect(try await queue.events(of: 1) == ["0 outcome ended canceled"])
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    @Test("a suppressed address gets no intent: its step is skipped")
    func suppressed() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.run("SELECT outrider.suppress('+15550000001')")
            let job = try #require(try await queue.claim().jobs.first)
            #expect(job.isSuppressed && job.token == nil)
            #expect(try await queue.events(of: 1) == ["1 answer skipped opted_out"])
        }
    }

    @Test("a suppressed e-mail address is known whatever its case")
    func suppressedEmail() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address) VALUES ('mail', 'email', 'us@example.com');
                INSERT INTO outrider.jobs (channel, address, subject, body, category)
                VALUES ('email', 'Ann@Example.com', 'Hi', 'Hello', 'transactional');
                SELECT outrider.suppress('ANN@example.com', '{email}')
                """)
            let job = try #require(try await queue.claim(lane: Lane(sender: 2, priority: 2)).jobs.first)
            #expect(job.isSuppressed && job.address == "ann@example.com")
        }
    }

    @Test("rows come oldest first, no more than asked for, and none before its time")
    func order() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(5)
            try await queue.run(
                """
                UPDATE outrider.due SET at = clock_timestamp() - make_interval(secs => job_id) WHERE job_id < 5;
                UPDATE outrider.due SET at = clock_timestamp() + interval '1 hour' WHERE job_id = 5
                """)
            let first = try await queue.claim(limit: 3)
            #expect(first.jobs.map(\.id) == [4, 3, 2])
            #expect(first.lastKey == first.jobs.last?.dueKey)
            let floor = try #require(first.lastKey)
            #expect(try await queue.claim(from: floor).jobs.map(\.id) == [1])
            #expect(try await queue.claim().jobs.isEmpty)
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.due") == ["5"])
        }
    }

    @Test("a lane is due only when it holds something that is due, and the most urgent comes first")
    func lanesDue() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.addJobs(category: "otp")
            try await queue.addJobs(category: "marketing")
            try await queue.run("UPDATE outrider.due SET at = at + interval '1 hour' WHERE lane = 7")
            let lanes = try await queue.store.lanesDue((0..<4).map { (Lane(sender: 1, priority: $0), .start) })
            #expect(lanes.map(\.rawValue) == [4, 6])
            let beyond = DueKey(atMicroseconds: 4_000_000_000_000_000, jobID: 0)
            #expect(try await queue.store.lanesDue([(TestQueue.lane, beyond)]).isEmpty)
        }
    }

    @Test("the claim brings the sender, the lease and what the message needs")
    func content() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, data, media_urls, category, expires_at, wait_seconds)
                VALUES ('sms', '+15550000009', 'Hello', '{"a": 1}', '{https://example.com/x,https://example.com/y}', 'otp',
                        now() + interval '1 hour', 30)
                """)
            let claim = try await queue.claim(lane: Lane(sender: 1, priority: 0))
            let job = try #require(claim.jobs.first)
            #expect(claim.leaseID == job.leaseID)
            #expect(job.sender == .init(id: 1, address: "+15550000001"))
            #expect(job.content.body == "Hello" && !job.content.isTemplate && job.content.dataJSON == #"{"a": 1}"#)
            #expect(job.content.mediaURLs == ["https://example.com/x", "https://example.com/y"])
            #expect(job.category == .otp && job.ladder.steps.count == 1 && job.ladder.steps[0].wait == .seconds(30))
            #expect(job.wake == Wake(generation: 1, reason: .dispatch) && job.history.attempts.isEmpty)
            #expect(job.expiresAt.map { $0 > job.claimedAt } == true && job.token?.isEmpty == false)
        }
    }

    @Test("a template is the tenant's own before the shared one, and the nearest language")
    func templates() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.templates (tenant, name, channel, locale, body) VALUES
                    ('', 't', 'sms', '', 'shared'), ('', 't', 'sms', 'pl', 'shared pl'), ('', 't', 'sms', 'pt-BR', 'shared pt-BR'),
                    ('acme', 't', 'sms', '', 'own'), ('acme', 't', 'sms', 'de', 'own de'), ('acme', 't', 'voice', '', 'spoken');
                INSERT INTO outrider.jobs (channel, address, template, tenant, locale, category)
                SELECT 'sms', '+1555000000' || n, 't', tenant, locale, 'transactional'
                  FROM (VALUES (1, 'default', 'en'), (2, 'default', 'pl-PL'), (3, 'default', 'pt-BR'), (4, 'default', 'pt'),
                               (5, 'acme', 'de-AT'), (6, 'acme', 'pl')) v (n, tenant, locale)
                """)
            let bodies = try await queue.claim().jobs.sorted { $0.id < $1.id }.map(\.content.body)
            #expect(bodies == ["shared", "shared pl", "shared pt-BR", "shared", "own de", "own"])
        }
    }

    @Test(
        "free-form WhatsApp is allowed for 24 hours after the person wrote to this sender",
        arguments: [
            ("interval '23 hours'", "+15550000002", true), ("interval '25 hours'", "+15550000002", false),
            ("interval '1 hour'", "+15550000003", false),
        ])
    func window(age: String, sender: String, isOpen: Bool) async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address) VALUES ('wa', 'whatsapp', '+15550000002');
                INSERT INTO outrider.whatsapp_windows VALUES ('+15550000009', '\(sender)', now() - \(age));
                INSERT INTO outrider.jobs (channel, address, body, category)
                VALUES ('whatsapp', '+15550000009', 'Hello', 'transactional')
                """)
            let job = try #require(try await queue.claim(lane: Lane(sender: 2, priority: 2)).jobs.first)
            #expect(job.isWindowOpen == isOpen)
        }
    }

    @Test("a ladder's first step decides channel, address and sender; later ones keep the version they began with")
    func ladder() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (kind, ladder, phone, email, body, subject, category)
                VALUES ('notify', 'standard', '+15550000009', 'ann@example.com', 'Hello', 'Hi', 'transactional');
                SELECT outrider.save_ladder('standard', '[{"channel": "email"}]')
                """)
            let job = try #require(try await queue.claim().jobs.first)
            #expect(job.channel == .sms && job.address == "+15550000009")
            #expect(job.ladder.steps.map(\.channel) == [.sms, .voice, .email])
        }
    }
}
