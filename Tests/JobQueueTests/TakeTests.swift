import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Taking sends", .timeLimit(.minutes(5)))
struct TakeTests {
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
            let jobs = try await queue.take(50, worker: worker).ids
            empty = jobs.isEmpty ? empty + 1 : 0
            ids += jobs
        }
        return ids
    }

    @Test("an intent is taken once, by duplicate due rows in one take or in two")
    func duplicates() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.run("INSERT INTO outrider.due SELECT * FROM outrider.due")
            try await queue.run("CREATE TABLE kept AS SELECT * FROM outrider.due")
            let first = try await queue.take()
            #expect(Set(first.ids) == [1] && first.take.rows.count == 2)
            try await queue.run("INSERT INTO outrider.due SELECT * FROM kept")
            let late = try await queue.take()
            #expect(late.jobs.isEmpty && late.begun.leaseID == nil && late.seen.allSatisfy(\.isBegun))
            #expect(try await queue.events(of: 1) == ["1 intent taken"])
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    @Test("a rule that begins what is begun already adds no second intent")
    func begunTwice() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.run("CREATE TABLE kept AS SELECT * FROM outrider.due")
            _ = try await queue.take()
            try await queue.run("DELETE FROM outrider.open_sends; INSERT INTO outrider.due SELECT * FROM kept")
            let late = try await queue.take(rule: Verdict.blindly)
            #expect(late.jobs.isEmpty && late.begun.leaseID == nil)
            #expect(try await queue.events(of: 1) == ["1 intent taken"])
        }
    }

    @Test(
        "the take sees that a job is over, or its address suppressed",
        arguments: ["SELECT outrider.cancel(1)", "SELECT outrider.suppress('+15550000001')"])
    func facts(deed: String) async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.run(deed)
            let seen = try await queue.take().seen
            #expect(seen.map { $0.isEnded || $0.isSuppressed } == [true, false])
            #expect(seen.map(\.isEnded) == [deed.contains("cancel"), false])
        }
    }

    @Test(
        "what is committed between the take and the intent is seen by the fence: nothing is begun, and the row stays",
        arguments: [
            "SELECT outrider.cancel(1)", "SELECT outrider.suppress('+15550000001', '{sms}')",
            "INSERT INTO outrider.suppressions (address, channel, tenant, reason, source) VALUES ('+15550000001', 'sms', 'default', 'x', 'x')",
            "SELECT outrider.pause_campaign('spring', 'a mistake')",
        ])
    func fence(deed: String) async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, category, campaign)
                VALUES ('sms', '+15550000001', 'Hello', 'transactional', 'spring');
                SELECT outrider.feed_campaign(id) FROM outrider.campaigns
                """)
            let lane = try #require(try await queue.look().lanes.first)
            #expect(lane.campaignID != nil && lane.isOpen)
            let taken = try await queue.take(of: lane) { take in
                if let failure = queue.meanwhile(deed) { Issue.record("\(failure)") }
                return Verdict.sendingAll(take)
            }
            #expect(taken.seen.count == 1 && taken.jobs.isEmpty && taken.begun.leaseID == nil)
            #expect(try await queue.count("outrider.events WHERE kind = 'intent'") == 0)
            #expect(try await queue.count("outrider.open_sends") == 0)
            #expect(try await queue.dueRows() == ["1 dispatch send/2/1/default/spring"])
            #expect(try await queue.count("outrider.due WHERE at <= clock_timestamp()") == 1)
        }
    }

    @Test("the suppression of another tenant binds nobody else")
    func othersSuppression() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.run(
                """
                INSERT INTO outrider.suppressions (address, channel, tenant, reason, source)
                VALUES ('+15550000001', 'sms', 'acme', 'x', 'x')
                """)
            let taken = try await queue.take()
            #expect(taken.ids == [1] && taken.jobs.allSatisfy { !$0.isSuppressed })
        }
    }

    @Test("what the rule leaves out stays as it was, and a rule that says nothing takes nothing")
    func left() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(3)
            let nothing = try await queue.take { _ in Verdict() }
            #expect(nothing.seen.count == 3 && nothing.begun.leaseID == nil)
            #expect(try await queue.count("outrider.due") == 3)
            let second = try await queue.take { take in
                var one = take
                one.rows = [take.rows[1]]
                return Verdict.sendingAll(one)
            }
            #expect(second.ids == [2])
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.due ORDER BY 1") == ["1", "3"])
        }
    }

    @Test("a take that fails after its rule has spoken leaves its rows to others")
    func rolledBack() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            await #expect(throws: StoreError.self) {
                try await queue.take { take in
                    var verdict = Verdict.sendingAll(take)
                    verdict.sends[1].job.due.key.jobID = 99_999_999  // No partition holds its events.
                    return verdict
                }
            }
            #expect(try await queue.count("outrider.events") == 0)
            #expect(try await queue.take().ids == [1, 2])
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
            let job = try #require(try await queue.take(of: queue.lane(sender: 2)).seen.first)
            #expect(job.isSuppressed && job.address == "Ann@Example.com")
            #expect(try await queue.count("outrider.events") == 0)  // The fence knows it, too.
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
            let first = try await queue.take(3)
            #expect(first.ids == [4, 3, 2])
            let floor = try #require(first.lastKey)
            #expect(try await queue.take(from: floor).ids == [1])
            #expect(try await queue.take().jobs.isEmpty)
            #expect(try await queue.texts("SELECT job_id AS v FROM outrider.due") == ["5"])
        }
    }

    @Test("the take brings the sender, the lease and what the message needs")
    func content() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, data, media_urls, category, expires_at, wait_seconds)
                VALUES ('sms', '+15550000009', 'Hello', '{"a": 1}', '{https://example.com/x,https://example.com/y}', 'otp',
                        now() + interval '1 hour', 30)
                """)
            let taken = try await queue.take(of: queue.lane(priority: 0))
            let (job, lease) = (try #require(taken.jobs.first), try #require(taken.begun.leaseID))
            #expect(try await queue.texts("SELECT id || ' ' || worker AS v FROM outrider.leases") == ["\(lease) w1"])
            #expect(job.sender == .init(id: 1, address: "+15550000001"))
            #expect(job.content.body == "Hello" && !job.content.isTemplate && job.content.dataJSON == #"{"a": 1}"#)
            #expect(job.content.mediaURLs == ["https://example.com/x", "https://example.com/y"])
            #expect(job.category == .otp && job.ladder.steps.count == 1 && job.ladder.steps[0].wait == .seconds(30))
            #expect(job.generation == 1 && job.reason == .dispatch && job.history.attempts.isEmpty)
            #expect(job.expiresAt.map { $0 > job.takenAt } == true && job.token?.isEmpty == false)
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
            let bodies = try await queue.take().jobs.sorted { $0.id < $1.id }.map(\.content.body)
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
            let job = try #require(try await queue.take(of: queue.lane(sender: 2)).jobs.first)
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
            let job = try #require(try await queue.take().jobs.first)
            #expect(job.channel == .sms && job.address == "+15550000009")
            #expect(job.ladder.steps.map(\.channel) == [.sms, .voice, .email])
        }
    }
}
