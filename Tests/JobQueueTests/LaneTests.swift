import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Lanes, and looking at them", .timeLimit(.minutes(5)))
struct LaneTests {
    @Test("a look shows each lane that has rows, with its first row and the database's time")
    func look() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.addJobs(category: "otp")
            try await queue.addJobs(category: "marketing")
            try await queue.run("UPDATE outrider.due SET at = at + interval '1 hour' WHERE job_id IN (2, 4)")
            let look = try await queue.look()
            #expect(look.lanes.map(\.priority) == [0, 2, 3] && look.lanes.allSatisfy { $0.purpose == .send })
            #expect(look.lanes.map(\.first.jobID) == [3, 1, 4])
            let isDue = look.lanes.map { $0.first.atMicroseconds <= Int(look.present.microseconds) }
            #expect(isDue == [true, true, false])
            #expect(look.lanes.map(\.sender?.id) == [1, 1, 1] && look.lanes.allSatisfy(\.isOpen))
        }
    }

    @Test("a look without rows still tells the time")
    func empty() async throws {
        try await TestQueue.with { queue in
            let before = try await queue.store.clock()
            let look = try await queue.look()
            #expect(look.lanes.isEmpty && look.present >= before)
        }
    }

    @Test("a segment begins after its key and ends before its lane; several cover all of the index without overlapping")
    func segments() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.addJobs(category: "marketing")
            let lane = try await queue.lane()
            let first = try #require(try await queue.look().lanes.first)
            func look(after key: DueKey) async throws -> [Int] {
                try await queue.store.look([
                    LaneSegment(lane: Lane(rawValue: -1), after: .start, until: lane.lane),
                    LaneSegment(lane: lane.lane, after: key, until: .end),
                ]).lanes.map(\.first.jobID)
            }
            #expect(try await look(after: .start) == [1, 3])
            #expect(try await look(after: first.first) == [2, 3])
            #expect(try await look(after: DueKey(atMicroseconds: 4_000_000_000_000_000, jobID: 0)) == [3])
        }
    }

    @Test("a sender that is paused or disabled closes its lanes, and a change of its rate is seen by the next look")
    func senders() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            #expect(try await queue.look().lanes.first?.sender?.rate == nil)
            try await queue.run("UPDATE outrider.senders SET rate_per_second = 2.5")
            #expect(try await queue.look().lanes.first?.sender == SenderState(id: 1, channel: .sms, rate: 2.5))
            try await queue.run("UPDATE outrider.senders SET paused_until = now() + interval '1 minute'")
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
            try await queue.run("UPDATE outrider.senders SET paused_until = now() - interval '1 second'")
            #expect(try await queue.look().lanes.map(\.isOpen) == [true])
            try await queue.run("UPDATE outrider.senders SET enabled = false")
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
        }
    }

    @Test("a lane that this version does not understand is closed, and says so of no other", arguments: [true, false])
    func unknown(isOrphan: Bool) async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let change =
                isOrphan
                ? "UPDATE outrider.due SET lane = 9999 WHERE job_id = 1"
                : """
                ALTER TABLE outrider.lanes DROP CONSTRAINT lane_purpose_must_be_send_decide_ask_phone_or_ask_mail;
                INSERT INTO outrider.lanes (id, purpose, priority) OVERRIDING SYSTEM VALUE VALUES (9999, 'divine', 0);
                UPDATE outrider.due SET lane = 9999 WHERE job_id = 1
                """
            try await queue.run(change)
            let lanes = try await queue.look().lanes
            #expect(lanes.map(\.first.jobID) == [2, 1])
            #expect(lanes.map(\.isOpen) == [true, false])
            #expect(lanes[1].lane == Lane(rawValue: 9999))
        }
    }

    @Test("the looks of every priority have lanes of their own, apart by whom they may have to ask")
    func fixed() async throws {
        try await TestQueue.with { queue in
            for priority in 0...3 {
                for lane in [Lane.decide(priority), .askPhone(priority), .unserved(priority), .askMail(priority)] {
                    try await queue.run(
                        """
                        INSERT INTO outrider.due (at, job_id, lane, reason, step, generation)
                        VALUES (now(), 1, \(lane.rawValue), 'decide', 0, 1)
                        """)
                }
            }
            let lanes = try await queue.look().lanes
            #expect(lanes.map(\.priority) == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
            let purposes: [LaneState.Purpose] = [.decide, .askPhone, .send, .askMail]
            #expect(lanes.map(\.purpose) == purposes.flatMap { Array(repeating: $0, count: 4) })
            #expect(lanes.allSatisfy { $0.sender == nil && $0.campaignID == nil })
        }
    }

    // MARK: Placing

    @Test("a tenant with a login has lanes of its own at a shared sender, so that tenants take turns")
    func tenants() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.tenant_roles VALUES ('acme_app', 'acme');
                INSERT INTO outrider.senders (name, channel, address) VALUES ('voice', 'voice', '+15550000002');
                INSERT INTO outrider.jobs (tenant, channel, address, body, category) VALUES
                    ('acme', 'sms', '+15550000001', 'x', 'otp'), ('default', 'sms', '+15550000001', 'x', 'otp'),
                    ('other', 'sms', '+15550000001', 'x', 'otp'), ('acme', 'voice', '+15550000001', 'x', 'alert')
                """)
            #expect(
                try await queue.dueRows("job_id")
                    == ["1 send/0/1/acme", "2 send/0/1", "3 send/0/1", "4 send/1/2/acme"])
        }
    }

    @Test("a campaign stands in lanes of its own: for inserts, retries, the next step and another sender")
    func campaigns() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address) VALUES ('voice', 'voice', '+15550000002');
                INSERT INTO outrider.jobs (kind, ladder, phone, email, subject, body, category, campaign)
                VALUES ('notify', 'standard', '+15550000009', 'a@example.com', 'x', 'x', 'marketing', 'spring');
                SELECT outrider.feed_campaign(id) FROM outrider.campaigns
                """)
            #expect(try await queue.dueRows("reason") == ["dispatch send/3/1/default/spring"])
            let lane = try #require(try await queue.look().lanes.first)
            let job = try #require(try await queue.take(of: lane).jobs.first)
            for (step, channel) in [(0, Channel.sms), (1, .voice)] {
                try await queue.run("DELETE FROM outrider.due")
                let row = NewDueRow(
                    jobID: 1, at: Instant(microseconds: 0), reason: .dispatch, step: step, generation: 2,
                    ladderID: job.ladderID, channel: channel, priority: 3)
                try await queue.store.record([Record(dueRow: row)], worker: "w1", doneLeases: [])
                #expect(
                    try await queue.dueRows("reason") == ["dispatch send/3/\(step + 1)/default/spring"])
            }
            try await queue.run(
                """
                UPDATE outrider.senders SET enabled = false WHERE id = 2;
                INSERT INTO outrider.senders (name, channel, address) VALUES ('voice 2', 'voice', '+15550000003')
                """)
            #expect(try await queue.store.reroute() == 1)
            #expect(try await queue.dueRows("reason") == ["dispatch send/3/3/default/spring"])
        }
    }

    @Test("a campaign is its tenant's: two may use one name, and neither shares the other's lanes or pause")
    func campaignNames() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (tenant, channel, address, body, campaign) VALUES
                    ('acme', 'sms', '+15550000001', 'x', 'spring'), ('default', 'sms', '+15550000001', 'x', 'spring');
                SELECT outrider.feed_campaign(id) FROM outrider.campaigns;
                SELECT outrider.pause_campaign('spring', 'x', 'acme')
                """)
            #expect(
                try await queue.dueRows("job_id")
                    == ["1 send/3/1/acme/spring", "2 send/3/1/default/spring"])
            let lanes = try await queue.look().lanes
            #expect(lanes.map(\.first.jobID) == [1, 2] && lanes.map(\.isOpen) == [false, true])
        }
    }

    @Test("a paused campaign is one step of a look, and goes on where it stopped when it is resumed")
    func pause() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, campaign)
                SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), 'x', 'spring' FROM generate_series(1, 50) n;
                SELECT outrider.feed_campaign(id) FROM outrider.campaigns
                """)
            func say(_ call: String) async throws -> String? {
                try await queue.texts("SELECT outrider.\(call) AS v").first ?? nil
            }
            #expect(try await say("pause_campaign('spring', 'a mistake')") == "paused: nothing more of it is begun")
            #expect(try await say("pause_campaign('spring', 'again')") == "paused already")
            #expect(
                try await queue.texts("SELECT paused_reason AS v FROM outrider.campaigns")
                    == ["postgres: a mistake"])
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
            #expect(try await say("resume_campaign('spring')") == "resumed")
            #expect(try await say("resume_campaign('spring')") == "running already")
            let lane = try #require(try await queue.look().lanes.first)
            #expect(lane.isOpen)
            #expect(try await queue.take(of: lane).jobs.count == 50)
        }
    }

    @Test(
        "a campaign is there from its first job on, even if no sender serves it yet, and may be paused before one does")
    func unserved() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                DELETE FROM outrider.senders;
                INSERT INTO outrider.jobs (channel, address, body, campaign) VALUES ('sms', '+15550000001', 'x', 'spring');
                SELECT outrider.feed_campaign(id) FROM outrider.campaigns;
                SELECT outrider.pause_campaign('spring', 'x');
                INSERT INTO outrider.senders (name, channel, address) VALUES ('s2', 'sms', '+15550000002')
                """)
            #expect(try await queue.store.reroute() == 1)
            #expect(try await queue.dueRows("job_id") == ["1 send/3/2/default/spring"])
            #expect(try await queue.look().lanes.map(\.isOpen) == [false])
        }
    }

    @Test(
        "a campaign that is not there, or another tenant's, is neither paused nor resumed",
        arguments: [
            ("pause_campaign('winter', 'x')", "campaign_must_exist"),
            ("resume_campaign('winter')", "campaign_must_exist"),
            ("pause_campaign('spring', 'x', 'acme')", "tenant_must_be_your_own"),
            ("resume_campaign('spring', 'acme')", "tenant_must_be_your_own"),
        ])
    func refused(call: String, rule: String) async throws {
        try await TestQueue.with { queue in
            let login = "app_\(UInt64.random(in: 0...UInt64.max))"
            try await queue.run(
                """
                INSERT INTO outrider.jobs (tenant, channel, address, body, campaign)
                VALUES ('acme', 'sms', '+15550000001', 'x', 'spring');
                CREATE ROLE \(login) LOGIN; GRANT outrider_app TO \(login)
                """)
            do {
                try await queue.run("SET LOCAL SESSION AUTHORIZATION \(login); SELECT outrider.\(call)")
                Issue.record("it was allowed")
            } catch let PostgresError.server(_, message, _) {
                #expect(message.hasPrefix(rule))
            }
            try await queue.run("DROP ROLE \(login)")
            #expect(try await queue.count("outrider.campaigns WHERE paused_at IS NOT NULL") == 0)
        }
    }
}
