import Delivery
import JobQueue
import Postgres
import Schema
import Testing

@Suite("Budgets of campaigns", .timeLimit(.minutes(5)))
struct CampaignBudgetTests {
    /// Feeds and sends until nothing more is begun, and lets everybody end so.
    private func sendAll(_ queue: TestQueue, part: Int = 7, as outcome: Outcome? = .delivered) async throws {
        var begun = 0
        repeat {
            let fed = try await queue.feed(part)
            let lane = try await queue.look().lanes.first { $0.campaignID == 1 && $0.isOpen }
            begun = lane == nil ? 0 : try await queue.send(3, as: outcome).count
            begun += fed
        } while begun > 0
    }

    private func begun(_ queue: TestQueue) async throws -> String? {
        try await queue.texts(
            "SELECT concat_ws(' ', sum(attempts), sum(segments)) AS v FROM outrider.campaign_totals WHERE campaign_id = 1"
        )[0]
    }

    @Test(
        "of one step exactly as many messages are begun as the budget has, then it pauses, and goes on when that is raised",
        arguments: [1, 7, 40])
    func messages(part: Int) async throws {
        try await TestQueue.with { queue in
            try await queue.ask(40)
            #expect(try await queue.say("set_campaign_budget('spring', messages => 25)") == "it may cost 25 messages")
            try await sendAll(queue, part: part)
            #expect(try await begun(queue) == "25 25")
            #expect(
                try await queue.campaigns.judge().map(\.reason) == [
                    "its budget of 25 messages is reached: 25 were begun. Raise it with outrider.set_campaign_budget(), then resume it."
                ])
            #expect(try await queue.state() == "paused")
            // Without more it does not go on, and the refusal says why. An operator is told of it meanwhile.
            await #expect(throws: PostgresError.self) { try await queue.say("resume_campaign('spring')") }
            #expect(try await queue.state() == "paused")
            #expect(try await queue.admin.fetch(Schema.statement("stopped_campaigns")).count == 1)
            _ = try await queue.say("set_campaign_budget('spring', messages => 31)")
            _ = try await queue.say("resume_campaign('spring')")
            #expect(try await queue.campaigns.judge().isEmpty)
            try await sendAll(queue, part: part)
            #expect(try await begun(queue) == "31 31")
            #expect(try await queue.counts() == ["people 40 40", "begun 31 31", "ended 31 31", "unfed 9 9"])
        }
    }

    @Test("four that feed, send and judge at once begin no message more than the budget has")
    func concurrent() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(300)
            _ = try await queue.say("set_campaign_budget('spring', messages => 211)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        while try await queue.state() == "running" {
                            _ = try await queue.feed(20 + worker)
                            if let lane = try await queue.look().lanes.first(where: { $0.campaignID == 1 && $0.isOpen })
                            {
                                _ = try await queue.take(13 + worker, of: lane)
                            }
                            _ = try await queue.campaigns.judge()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await begun(queue) == "211 211")
            #expect(try await queue.count("outrider.campaign_events WHERE what = 'paused by itself'") == 1)
        }
    }

    @Test("a budget that is enough for everybody pauses nothing: the campaign finishes")
    func enough() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(10)
            _ = try await queue.say("set_campaign_budget('spring', messages => 10, segments => 10)")
            try await sendAll(queue)
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.campaigns.finish()
            #expect(try await queue.state() == "finished")
        }
    }

    @Test("who ends without a message leaves their part of the budget to others")
    func unused() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(10)
            _ = try await queue.say("set_campaign_budget('spring', messages => 4)")
            #expect(try await queue.feed(10) == 4)
            #expect(try await queue.feed(10) == 0)
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.run("DELETE FROM outrider.due WHERE job_id <= 3")
            #expect(try await queue.feed(10) == 3)
            try await sendAll(queue)
            #expect(try await begun(queue) == "4 4")
        }
    }

    @Test("segments are kept too: whoever does not fit waits, and is fed once there is room, in order")
    func segments() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, campaign)
                SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), repeat('x', 150 * (1 + n % 3)), 'spring' FROM generate_series(1, 12) n
                """)
            // 2, 3, 1, 2, 3, 1, …
            _ = try await queue.say("set_campaign_budget('spring', segments => 16)")
            try await sendAll(queue, part: 12)
            #expect(try await begun(queue) == "7 14")
            #expect(
                try await queue.campaigns.judge().map(\.reason) == [
                    "what is left of its budget does not pay for the next person. Raise it with outrider.set_campaign_budget(), then resume it."
                ])
            #expect(try await queue.counts() == ["people 12 12", "begun 7 7", "ended 7 7", "unfed 5 5"])
            #expect(try await queue.count("outrider.stranded_jobs()") == 0)
            _ = try await queue.say("set_campaign_budget('spring', segments => 24)")
            _ = try await queue.say("resume_campaign('spring')")
            try await sendAll(queue, part: 12)
            #expect(try await begun(queue) == "12 24")
            #expect(try await queue.counts() == ["people 12 12", "begun 12 12", "ended 12 12", "unfed 0 0"])
        }
    }

    /// Twelve people, whose texts are so long.
    private func ask(_ queue: TestQueue, segments: Int, zone: String = "UTC") async throws {
        try await queue.run(
            """
            INSERT INTO outrider.jobs (channel, address, body, campaign, time_zone)
            SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), repeat('x', 150 * \(segments)), 'spring', '\(zone)' FROM generate_series(1, 12) n
            """)
    }

    private static let chunks =
        "SELECT string_agg(ctid::text, ' ' ORDER BY first_id) AS v FROM outrider.campaign_chunks"

    @Test("whoever does not fit is taken out and put back once, not each time; with more room they are looked at again")
    func short() async throws {
        try await TestQueue.with { queue in
            try await ask(queue, segments: 2)
            _ = try await queue.say("set_campaign_budget('spring', segments => 3)")
            #expect(try await queue.feed(100) == 1)
            #expect(try await queue.feed(100) == 0)
            let chunks = try await queue.texts(Self.chunks)
            for _ in 1...3 { #expect(try await queue.feed(100) == 0) }
            #expect(try await queue.texts(Self.chunks) == chunks)
            #expect(try await queue.campaigns.judge().isEmpty)
            // One ends without a message: all of the budget is free, so it does not pause, and the next is fed.
            try await queue.run("DELETE FROM outrider.due")
            #expect(try await queue.campaigns.judge().isEmpty)
            #expect(try await queue.feed(100) == 1)
            try await sendAll(queue)
            #expect(
                try await queue.campaigns.judge().first?.reason.hasPrefix("what is left of its budget does not pay")
                    == true)
        }
    }

    @Test("whoever is put back for want of room is still kept apart by zone: a closed one is not fed")
    func putBackByZone() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.campaigns (tenant, name) VALUES ('default', 'spring'); INSERT INTO outrider.campaign_feeds VALUES (1)"
            )
            _ = try await queue.say("set_campaign_window('spring', '0:00', '24:00')")
            try await ask(queue, segments: 2, zone: "Europe/Berlin")
            _ = try await queue.say("set_campaign_budget('spring', segments => 6)")
            #expect(try await queue.feed(100) == 3)
            #expect(
                try await queue.count("outrider.campaign_chunks WHERE time_zone IS DISTINCT FROM 'Europe/Berlin'") == 0)
            #expect(try await queue.texts("SELECT sum(count) AS v FROM outrider.campaign_chunks") == ["9"])
            _ = try await queue.say("set_campaign_budget('spring', segments => 60)")
            try await queue.run(
                "UPDATE outrider.campaign_windows SET days = ARRAY[1 + (extract(isodow FROM clock_timestamp() + interval '2 days')::integer) % 7]"
            )
            #expect(try await queue.feed(100) == 0)
        }
    }

    @Test("a person's pause of a campaign that its budget has paused stays when everybody has ended")
    func keptPause() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_campaign('spring', ladder => 'standard', body => 'x', subject => 'x')")
            try await queue.run(
                """
                INSERT INTO outrider.jobs (kind, ladder, phone, template, campaign)
                SELECT 'notify', 'standard', '+1555' || lpad(n::text, 7, '0'), 'outrider.campaign/1', 'spring' FROM generate_series(1, 3) n;
                SELECT outrider.start_campaign('spring')
                """)
            _ = try await queue.say("set_campaign_budget('spring', messages => 3)")
            try await sendAll(queue, as: nil)
            #expect(try await queue.campaigns.judge().count == 1)
            _ = try await queue.say("pause_campaign('spring', 'I look')")
            try await queue.store.record(
                (1...3).map { Record(events: [event(.ended(.delivered, reason: nil), $0, generation: 0)]) },
                worker: "w1", doneLeases: [])
            #expect(try await queue.campaigns.judge().isEmpty)
            #expect(try await queue.state() == "paused")
        }
    }

    @Test("money is kept by the prices of each calling code")
    func money() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.prices (channel, prefix, currency, price) VALUES ('sms', '', 'EUR', 0.1), ('sms', '+48', 'EUR', 0.03);
                INSERT INTO outrider.jobs (channel, address, body, campaign)
                SELECT 'sms', CASE n % 2 WHEN 0 THEN '+48' ELSE '+1' END || 6005550000 + n, 'x', 'spring' FROM generate_series(1, 20) n
                """)
            #expect(
                try await queue.say("set_campaign_budget('spring', money => 0.6, currency => 'EUR')")
                    == "it may cost 0.6 EUR")
            try await sendAll(queue, part: 20)
            // 0.1 and 0.03 in turn: nine make 0.62.
            #expect(try await begun(queue) == "8 8")
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', country, messages, currency, trim_scale(price), trim_scale(cost)) AS v FROM outrider.campaign_costs ORDER BY 1"
                ) == ["+1 4 EUR 0.1 0.4", "+48 4 EUR 0.03 0.12"])
            #expect(try await queue.campaigns.judge().count == 1)
        }
    }

    @Test(
        "with a ladder later steps and repeats count: once the budget is reached it pauses, and finishes when all have ended"
    )
    func ladder() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_campaign('spring', ladder => 'standard', body => 'x', subject => 'x')")
            try await queue.run(
                """
                INSERT INTO outrider.jobs (kind, ladder, phone, template, campaign)
                SELECT 'notify', 'standard', '+1555' || lpad(n::text, 7, '0'), 'outrider.campaign/1', 'spring' FROM generate_series(1, 3) n;
                SELECT outrider.start_campaign('spring')
                """)
            _ = try await queue.say("set_campaign_budget('spring', messages => 3)")
            try await sendAll(queue, as: nil)
            #expect(try await begun(queue) == "3 3")
            #expect(try await queue.campaigns.judge().count == 1)
            // Nobody climbs while it is paused.
            try await queue.run(
                """
                INSERT INTO outrider.due (at, job_id, lane, reason, step, generation, ladder_id)
                SELECT now(), 1, outrider.send_lane(1, ladder_id, 0::smallint), 'dispatch', 0, 2, ladder_id FROM outrider.events WHERE job_id = 1 AND kind = 'intent'
                """)
            #expect(try await queue.look().lanes.allSatisfy { !$0.isOpen })
            try await queue.run("DELETE FROM outrider.due")
            try await queue.store.record(
                (1...3).map { Record(events: [event(.ended(.delivered, reason: nil), $0, generation: 0)]) },
                worker: "w1",
                doneLeases: [])
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.campaigns.finish()
            #expect(try await queue.state() == "finished")
        }
    }

    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let texts: [(body: String, data: String, cost: Int)] = [
        ("Hello {{name}}", "{\"name\": \"Ann\"}", 1), ("{{name}}", "{\"name\": \"\(long(161))\"}", 2),
        ("{{{ a.b }}}", "{\"a\": {\"b\": \"\(long(70))ł\"}}", 2), (long(155) + "{{& n}}", "{\"n\": 12345}", 1),
        (long(155) + "{{n}}", "{\"n\": 123456}", 2), ("{{gone}}", "{\"gone\": \"\"}", 1), (long(20_000), "{}", 100),
    ]

    @Test("a template costs what its text costs once the person's data fill it", arguments: texts)
    func cost(body: String, data: String, cost: Int) async throws {
        try await TestQueue.with { queue in
            #expect(
                try await queue.texts("SELECT outrider.text_cost('\(body)', '\(data)') AS v") == [String(cost)])
            try await queue.run(
                """
                INSERT INTO outrider.templates (name, channel, body) VALUES ('t', 'sms', '\(body)');
                INSERT INTO outrider.jobs (channel, address, template, data, campaign) VALUES ('sms', '+15550000001', 't', '\(data)', 'spring');
                SELECT outrider.feed_campaign(1)
                """)
            #expect(try await queue.texts("SELECT cost AS v FROM outrider.due") == [String(cost)])
            #expect(try await queue.texts("SELECT outrider.send_cost(1) AS v") == [String(cost)])
        }
    }

    @Test("of prices the calling code's own counts, then any; of these the latest that is in force")
    func prices() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.prices (channel, prefix, currency, price, valid_from) VALUES
                ('sms', '', 'EUR', 1, '2020-01-01Z'), ('sms', '', 'EUR', 2, '2021-01-01Z'), ('sms', '', 'EUR', 9, '2190-01-01Z'),
                ('sms', '+48', 'EUR', 3, '2020-06-01Z'), ('sms', '', 'USD', 4, '2020-01-01Z'), ('voice', '', 'EUR', 5, '2020-01-01Z')
                """)
            let price = { (channel: String, code: String, currency: String, at: String) in
                try await queue.texts("SELECT outrider.price_of('\(channel)', '\(code)', '\(currency)', '\(at)') AS v")[
                    0]
            }
            #expect(try await price("sms", "+44", "EUR", "2020-02-01Z") == "1")
            #expect(try await price("sms", "+44", "EUR", "2026-02-01Z") == "2")
            #expect(try await price("sms", "+48", "EUR", "2020-02-01Z") == "1")
            #expect(try await price("sms", "+48", "EUR", "2026-02-01Z") == "3")
            #expect(try await price("sms", "+48", "USD", "2026-02-01Z") == "4")
            #expect(try await price("voice", "+48", "EUR", "2026-02-01Z") == "5")
            #expect(try await price("email", "", "EUR", "2026-02-01Z") == nil)
        }
    }
}
