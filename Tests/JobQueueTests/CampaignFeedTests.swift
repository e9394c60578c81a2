import Delivery
import JobQueue
import Postgres
import Testing

/// Campaigns, as SQL and the store see them.
extension TestQueue {
    var campaigns: CampaignStore { CampaignStore(workers) }

    /// Jobs for as many people, in one statement.
    func ask(_ count: Int, of campaign: String = "spring", runAt: String = "null", first: Int = 1) async throws {
        try await run(
            """
            INSERT INTO outrider.jobs (channel, address, body, campaign, run_at)
            SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), 'x', '\(campaign)', \(runAt)
              FROM generate_series(\(first), \(first + count - 1)) n
            """)
    }

    /// Feeds campaign 1 once, in small parts.
    func feed(_ part: Int, enough: Int = 1_000, most: Int = 10_000) async throws -> Int {
        let text = try await texts("SELECT outrider.feed_campaign(1, \(part), \(enough), \(most)) AS v")
        return Int((text.first ?? nil) ?? "") ?? -1
    }

    /// What an operator is told.
    func say(_ call: String) async throws -> String? { try await texts("SELECT outrider.\(call) AS v").first ?? nil }

    /// Begins what is due of a campaign and lets it end so.
    func send(_ limit: Int = 200, as outcome: Outcome? = .delivered) async throws -> [Int] {
        let lane = try #require(try await look().lanes.first { $0.campaignID != nil && $0.isOpen })
        let jobs = try await take(limit, of: lane).jobs
        if let outcome {
            let records = jobs.map { Record(events: [event(.ended(outcome, reason: nil), $0.id, generation: 0)]) }
            try await store.record(records, worker: "w1", doneLeases: [])
        }
        return jobs.map(\.id)
    }

    /// What is counted beside what is there.
    func counts(of campaign: String = "spring") async throws -> [String?] {
        try await texts(
            "SELECT concat_ws(' ', what, counted, found) AS v FROM outrider.check_campaign_counts('\(campaign)')")
    }
}

@Suite("Feeding campaigns", .timeLimit(.minutes(5)))
struct CampaignFeedTests {
    @Test("a job of a campaign waits to be fed and is not stray; one as urgent as a one-time password does not wait")
    func waiting() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(3)
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, campaign, category)
                VALUES ('sms', '+15550000009', 'x', 'spring', 'otp');
                UPDATE outrider.stray_walk SET look_at = now()
                """)
            #expect(try await queue.dueRows() == ["4 dispatch send/0/1/default/spring"])
            #expect(try await queue.count("outrider.stranded_jobs()") == 0)
            #expect(
                try await queue.texts(
                    "SELECT outrider.awaits_feed(id, tenant, campaign, run_at, xact)::text AS v FROM outrider.jobs ORDER BY id"
                )
                    == ["true", "true", "true", "false"])
            #expect(try await queue.campaigns.waiting() == [.init(id: 1, isOver: false)])
            #expect(try await queue.campaigns.feed(1) == 3)
            #expect(try await queue.campaigns.waiting().isEmpty)
            #expect(try await queue.count("outrider.due") == 4)
            try await queue.run("DELETE FROM outrider.due WHERE job_id = 2")
            #expect(try await queue.texts("SELECT outrider.stranded_jobs()::text AS v") == ["2"])
        }
    }

    @Test("each job is fed once, in order, however the parts and the inserts fall", arguments: [1, 2, 7, 1_000])
    func parts(part: Int) async throws {
        try await TestQueue.with { queue in
            try await queue.ask(11)
            try await queue.run(
                "INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000009', 'other')")
            for n in 1...5 { try await queue.ask(1, first: 20 + n) }
            try await queue.ask(9, first: 40)
            try await queue.ask(4, of: "autumn", first: 60)
            var fed = 0
            repeat { fed = try await queue.feed(part) } while fed > 0
            let jobs = try await queue.texts(
                """
                SELECT d.job_id AS v FROM outrider.due d JOIN outrider.lanes l ON l.id = d.lane AND l.campaign_id = 1
                 ORDER BY d.at, d.job_id
                """)
            #expect(jobs == (Array(1...11) + Array(13...26)).map(String.init))
            #expect(try await queue.count("outrider.campaign_chunks WHERE campaign_id = 1") == 0)
            #expect(try await queue.count("outrider.campaign_chunks WHERE campaign_id = 2") == 1)
        }
    }

    @Test("two transactions that take ids in turn have each job fed, counted and listed once", arguments: [1, 2, 7])
    func interleaved(part: Int) async throws {
        try await TestQueue.with { queue in
            for first in 1...2 {
                try await queue.run(
                    """
                    INSERT INTO outrider.jobs (id, channel, address, body, campaign, category) OVERRIDING SYSTEM VALUE
                    SELECT n, 'sms', '+1555000' || lpad(n::text, 4, '0'), 'x', 'spring', 'alert'
                      FROM generate_series(\(first), 20 + \(first), 2) n
                    """)
            }
            #expect(try await queue.counts() == ["people 22 22", "begun 0 0", "ended 0 0", "unfed 22 22"])
            var fed = 0
            repeat { fed = try await queue.feed(part) } while fed > 0
            #expect(
                try await queue.texts("SELECT job_id::text AS v FROM outrider.due ORDER BY job_id")
                    == (1...22).map(String.init))
            // And walked once, however few at a time.
            let walk = """
                WITH RECURSIVE page (ids) AS (
                    SELECT outrider.campaign_part(1, 0, \(part))
                    UNION ALL
                    SELECT outrider.campaign_part(1, ids[cardinality(ids)], \(part)) FROM page WHERE ids <> '{}')
                SELECT id::text AS v FROM page CROSS JOIN LATERAL unnest(ids) WITH ORDINALITY AS u (id, n)
                """
            #expect(try await queue.texts(walk) == (1...22).map(String.init))
            #expect(try await queue.count("outrider.campaign_people('spring')") == 22)
            #expect(try await queue.count("outrider.stranded_jobs()") == 0)
        }
    }

    @Test("no more is fed while enough is due, and what comes later has a bound of its own")
    func bounds() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(100)
            #expect(try await queue.feed(20, enough: 30) == 20)
            #expect(try await queue.feed(20, enough: 30) == 20)
            #expect(try await queue.feed(20, enough: 30) == 0)
            try await queue.run("UPDATE outrider.due SET at = now() + interval '1 day'")
            #expect(try await queue.feed(20, enough: 30, most: 61) == 20)
            #expect(try await queue.feed(20, enough: 30, most: 61) == 0)
            #expect(try await queue.feed(20, enough: 30, most: 100) == 20)
        }
    }

    @Test("who is due later is fed later, by hours of their own: nobody waits behind another zone")
    func later() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(
                10, runAt: "CASE n % 2 WHEN 0 THEN now() + interval '1 hour' ELSE now() - interval '1 hour' END")
            #expect(try await queue.count("outrider.campaign_chunks") == 2)
            #expect(try await queue.feed(3) == 3)
            #expect(try await queue.feed(3) == 2)
            #expect(try await queue.feed(3) == 0)
            #expect(
                try await queue.texts("SELECT string_agg(job_id::text, ' ' ORDER BY job_id) AS v FROM outrider.due")
                    == ["1 3 5 7 9"])
            #expect(try await queue.counts() == ["people 10 10", "begun 0 0", "ended 0 0", "unfed 5 5"])
        }
    }

    @Test("where there are many hours, a chunk has them all, and each job keeps its own")
    func manyHours() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(100, runAt: "now() + n * interval '1 minute' - interval '1 hour'")
            #expect(try await queue.count("outrider.campaign_chunks") == 1)
            #expect(try await queue.feed(1_000) == 100)
            #expect(try await queue.count("outrider.due WHERE at > now()") == 40)
        }
    }

    @Test("eight that feed at once feed each job once; what a feeder had not committed stays to be fed")
    func together() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(400)
            // A feeder that dies before its commit.
            await #expect(throws: PostgresError.self) {
                try await queue.run("SELECT outrider.feed_campaign(1, 150); SELECT 1 / 0")
            }
            #expect(try await queue.count("outrider.due") == 0)
            let campaigns = queue.campaigns
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var sum = 0
                        for _ in 0..<5 { sum += try await campaigns.feed(1) }
                        return sum
                    }
                }
                let fed = try await group.reduce(0, +)
                #expect(fed == 400)
            }
            #expect(try await queue.count("outrider.due") == 400)
            #expect(try await queue.count("(SELECT DISTINCT job_id FROM outrider.due) d") == 400)
        }
    }

    @Test(
        "nothing is fed while a campaign is a draft, paused, canceled or not to start yet, nor in a database that was copied"
    )
    func closed() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', starts_at => now() + interval '1 hour')"
            )
            try await queue.ask(5)
            #expect(try await queue.feed(10) == 0)
            #expect(
                try await queue.say("start_campaign('spring')")?.hasPrefix("started: nobody is written to before ")
                    == true)
            #expect(try await queue.feed(10) == 0)
            try await queue.run(
                "UPDATE outrider.campaigns SET starts_at = now() - interval '1 second'; SELECT outrider.pause_campaign('spring', 'x')"
            )
            #expect(try await queue.feed(10) == 0)
            try await queue.run(
                "SELECT outrider.resume_campaign('spring'); UPDATE outrider.installation SET doubt = 'restored_rows'")
            #expect(try await queue.feed(10) == 0)
            try await queue.run("SELECT outrider.adopt('test')")
            #expect(try await queue.feed(10) == 5)
        }
    }

    @Test("what is canceled is canceled at once, is written down in parts, and spares what is under way")
    func cancel() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(30)
            _ = try await queue.feed(20)
            #expect(try await queue.send(4, as: .delivered).count == 4)
            let underWay = try await queue.send(3, as: nil)
            #expect(
                try await queue.say("cancel_campaign('spring', 'sold out')")
                    == "canceled: of 30 people 4 had ended, and a send had been begun for 7; nobody else gets anything"
            )
            let states =
                "SELECT concat_ws(' ', state, outcome, count(*)) AS v FROM outrider.job_status GROUP BY state, outcome ORDER BY 1"
            #expect(try await queue.texts(states) == ["canceled canceled 23", "delivered delivered 4", "sending 3"])
            #expect(try await queue.look().lanes.allSatisfy { !$0.isOpen })
            #expect(try await queue.campaigns.waiting() == [.init(id: 1, isOver: true)])
            var swept: [Int] = []
            repeat {
                let text = try await queue.texts("SELECT outrider.sweep_campaign(1, 6) AS v")
                swept.append(Int((text.first ?? nil) ?? "") ?? -1)
            } while swept.last != 0
            #expect(swept == [6, 4, 6, 6, 1, 0])
            #expect(try await queue.count("outrider.due") == 0)
            #expect(try await queue.texts(states) == ["canceled canceled 23", "delivered delivered 4", "sending 3"])
            #expect(
                try await queue.texts("SELECT DISTINCT reason AS v FROM outrider.events WHERE code = 'canceled'")
                    == ["its campaign was canceled by postgres"])
            #expect(try await queue.counts() == ["people 30 30", "begun 7 7", "ended 27 27", "unfed 0 0"])
            try await queue.campaigns.finish()
            #expect(try await queue.texts("SELECT (ended_at IS NULL)::text AS v FROM outrider.campaigns") == ["true"])
            let ends = underWay.map { Record(events: [event(.ended(.delivered, reason: nil), $0, generation: 0)]) }
            try await queue.store.record(ends, worker: "w1", doneLeases: [])
            try await queue.campaigns.finish()
            #expect(
                try await queue.texts("SELECT concat_ws(' ', state, ended_at IS NOT NULL) AS v FROM outrider.campaigns")
                    == ["canceled t"])
            #expect(try await queue.campaigns.waiting().isEmpty)
        }
    }

    @Test("what has not begun when the campaign is to end expires in parts, also while it is paused")
    func end() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', not_after => now() + interval '1 hour')"
            )
            try await queue.ask(10)
            try await queue.run("SELECT outrider.start_campaign('spring')")
            try await queue.ask(5, first: 20)
            try await queue.run("SELECT outrider.pause_campaign('spring', 'x')")
            #expect(try await queue.campaigns.waiting().isEmpty)
            try await queue.run("UPDATE outrider.campaign_definitions SET not_after = now() - interval '1 second'")
            #expect(try await queue.campaigns.waiting() == [.init(id: 1, isOver: true)])
            #expect(try await queue.campaigns.sweep(1) == 5)
            #expect(try await queue.campaigns.waiting() == [.init(id: 1, isOver: true)])
            #expect(try await queue.campaigns.sweep(1) == 10)
            #expect(try await queue.campaigns.sweep(1) == 0)
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', code, reason, count(*)) AS v FROM outrider.events GROUP BY code, reason")
                    == ["expired its campaign was to end before 15"])
            #expect(try await queue.count("outrider.due") == 0)
            #expect(try await queue.campaigns.waiting().isEmpty)
        }
    }

    @Test("a campaign is finished when nobody is left, and goes on with who joins")
    func finish() async throws {
        try await TestQueue.with { queue in
            let state = "SELECT concat_ws(' ', state, ended_at IS NOT NULL) AS v FROM outrider.campaigns"
            try await queue.ask(2)
            try await queue.campaigns.finish()
            #expect(try await queue.texts(state) == ["running f"])
            _ = try await queue.feed(10)
            _ = try await queue.send()
            try await queue.campaigns.finish()
            #expect(try await queue.texts(state) == ["finished t"])
            try await queue.ask(1, first: 9)
            #expect(try await queue.campaigns.feed(1) == 1)
            #expect(try await queue.texts(state) == ["running f"])
            #expect(try await queue.send() == [3])
        }
    }
}

@Suite("Counting campaigns", .timeLimit(.minutes(5)))
struct CampaignCountTests {
    @Test("what is asked, begun and ended is counted in the same commit, by whatever door, and folding changes no sum")
    func doors() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(10)
            _ = try await queue.feed(20)
            _ = try await queue.send(2, as: .delivered)
            _ = try await queue.send(1, as: .exhausted)
            try await queue.run("SELECT outrider.cancel(9)")
            let expected = ["people 10 10", "begun 3 3", "ended 4 4", "unfed 0 0"]
            let report = """
                SELECT concat_ws(' ', channel, outcome, people, begun, attempts, segments, ended) AS v
                  FROM outrider.campaign_report('spring') ORDER BY 1
                """
            let lines = [
                "  10 0 0 0 0", " canceled 0 0 0 0 1", "sms  0 3 3 3 0", "sms delivered 0 0 0 0 2",
                "sms exhausted 0 0 0 0 1",
            ]
            #expect(try await queue.counts() == expected)
            let before = try await queue.texts(report)
            #expect(try await queue.campaigns.fold() == false)
            #expect(try await queue.count("outrider.campaign_deltas") == 0)
            #expect(try await queue.counts() == expected)
            #expect(try await queue.texts(report) == before)
            #expect(before.compactMap(\.self).sorted() == lines.sorted(), "\(before)")
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', sum(begun), sum(attempts), sum(ended)) AS v FROM outrider.campaign_minutes")
                    == ["3 3 4"])
        }
    }

    @Test("an outcome that meets another one, and a transaction that is rolled back, count nothing")
    func fenced() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(2)
            try await queue.run("SELECT outrider.cancel(1); SELECT outrider.cancel(1)")
            await #expect(throws: PostgresError.self) { try await queue.run("SELECT outrider.cancel(2); SELECT 1 / 0") }
            #expect(try await queue.counts() == ["people 2 2", "begun 0 0", "ended 1 1", "unfed 2 2"])
        }
    }

    @Test("the class of the last failure is counted with the outcome, and the calling code of the number")
    func classes() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body, subject, campaign, variant) VALUES
                    ('sms', '+48600000001', 'x', null, 'spring', 'b'), ('sms', '+15550000001', 'x', null, 'spring', 'a'),
                    ('sms', '+3536000001', 'x', null, 'spring', null), ('email', 'a@example.com', 'x', 'x', 'spring', null);
                INSERT INTO outrider.events (job_id, generation, kind, status, class) VALUES
                    (1, 1, 'answer', 'refused', 'transient'), (1, 2, 'receipt', 'undelivered', 'unreachable');
                """)
            try await queue.store.record(
                [
                    Record(events: [event(.ended(.exhausted, reason: nil), 1, generation: 0)]),
                    Record(events: [event(.ended(.delivered, reason: nil), 2, generation: 0)]),
                ], worker: "w1", doneLeases: [])
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', country, variant, outcome, class, people, ended) AS v FROM outrider.campaign_report('spring') ORDER BY 1"
                ).compactMap(\.self).sorted() == [
                    "    1 0", "+1 a   1 0", "+1 a delivered  0 1", "+353    1 0", "+48 b   1 0",
                    "+48 b exhausted unreachable 0 1",
                ])
        }
    }

    @Test(
        "a calling code is the number's, by the lengths of E.164",
        arguments: [
            ("+15005550006", "+1"), ("+79991234567", "+7"), ("+48600000001", "+48"), ("+3536000001", "+353"),
            ("+999600000", "+999"), ("ann@example.com", ""),
        ])
    func callingCodes(address: String, code: String) async throws {
        try await TestQueue.with { queue in
            let found = try await queue.texts("SELECT outrider.calling_code('\(address)') AS v")
            #expect(found == [code])
        }
    }

    @Test("counts that went astray are counted anew, and what is added meanwhile is kept")
    func recount() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(10)
            _ = try await queue.feed(20)
            _ = try await queue.send(4, as: .delivered)
            _ = try await queue.send(2, as: nil)
            #expect(try await queue.campaigns.fold() == false)
            #expect(try await queue.say("recount_campaign('spring')") == "the counts were right")
            try await queue.run(
                "DELETE FROM outrider.campaign_counts; INSERT INTO outrider.events (job_id, generation, kind, status, code) VALUES (9, 0, 'outcome', 'ended', 'expired')"
            )
            #expect(try await queue.say("recount_campaign('spring')") == "counted anew")
            #expect(try await queue.counts() == ["people 10 10", "begun 6 6", "ended 5 5", "unfed 0 0"])
            try await queue.run("SELECT outrider.cancel(10)")
            #expect(try await queue.counts() == ["people 10 10", "begun 6 6", "ended 6 6", "unfed 0 0"])
        }
    }

    @Test("rows that a dump brings are counted by the counts that come with them, not again")
    func restored() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(1)
            try await queue.run(
                """
                INSERT INTO outrider.jobs (id, channel, address, body, campaign, xact)
                VALUES (100, 'sms', '+15550000002', 'x', 'spring', '3');
                INSERT INTO outrider.events (job_id, generation, kind, status, code, at)
                VALUES (1, 0, 'outcome', 'ended', 'delivered', now() - interval '1 hour')
                """)
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', sum(people), sum(ended)) AS v FROM outrider.campaign_totals") == ["1 0"])
            #expect(try await queue.texts("SELECT sum(count)::text AS v FROM outrider.campaign_chunks") == ["1"])
        }
    }
}

@Suite("Asking again", .timeLimit(.minutes(5)))
struct CampaignWaveTests {
    /// Ten people, of whom 1 and 2 were reached, 3 to 6 not for two reasons, 7 has opted out, 8 is unknown, 9 is canceled, and 10 waits.
    private func withOutcomes(_ body: (TestQueue, AudienceStore) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            try await queue.ask(10)
            _ = try await queue.feed(20)
            try await queue.run(
                """
                INSERT INTO outrider.events (job_id, generation, kind, status, class) VALUES
                    (3, 1, 'receipt', 'undelivered', 'unreachable'), (4, 1, 'receipt', 'undelivered', 'unreachable'),
                    (5, 1, 'receipt', 'undelivered', 'landline'), (7, 1, 'answer', 'refused', 'opted_out');
                INSERT INTO outrider.events (job_id, generation, kind, status, code)
                SELECT id, 0, 'outcome', 'ended', code FROM (VALUES (1, 'delivered'), (2, 'delivered'), (3, 'exhausted'),
                    (4, 'exhausted'), (5, 'exhausted'), (6, 'expired'), (7, 'opted_out'), (8, 'unknown'), (9, 'canceled')) o (id, code);
                SELECT outrider.recount_campaign('spring')
                """)
            try await body(queue, AudienceStore(queue.workers))
        }
    }

    private func load(_ store: AudienceStore) async throws {
        let load = try #require(try await store.claim())
        #expect(load.audience == nil)
        while try await store.retry(load.key) > 0 {}
        try await store.end(load.key)
    }

    private static let again =
        "SELECT concat_ws(' ', address, wave, metadata ->> 'retry_of') AS v FROM outrider.jobs WHERE wave > 1 ORDER BY id"

    @Test(
        "those whom nothing reached are asked again, all or of a class, and nobody else",
        arguments: [
            ("null", ["3", "4", "5", "6"]), ("'{unreachable}'", ["3", "4"]), ("'{landline,expired}'", ["5", "6"]),
            ("'{filtered}'", []),
        ])
    func classes(_ classes: String, _ expected: [String]) async throws {
        try await withOutcomes { queue, store in
            #expect(
                try await queue.say("retry_campaign('spring', \(classes))")
                    == "wave 2: a worker asks again for those who were not reached")
            #expect(
                try await queue.say("retry_campaign('spring')")
                    == "people are being loaded already: try again when that is done")
            try await load(store)
            #expect(try await queue.texts(Self.again) == expected.map { "+1555000000\($0) 2 \($0)" })
            #expect(try await queue.counts().first == "people \(10 + expected.count) \(10 + expected.count)")
        }
    }

    @Test("each is asked again once; the next wave takes who failed in this one; outrider.retry() knows the same job")
    func waves() async throws {
        try await withOutcomes { queue, store in
            _ = try await queue.say("retry(3)")
            for _ in 1...2 {
                _ = try await queue.say("retry_campaign('spring')")
                try await load(store)
            }
            #expect(try await queue.texts(Self.again) == ["4", "5", "6"].map { "+1555000000\($0) 2 \($0)" })
            let last = try #require(try await queue.texts("SELECT max(id)::text AS v FROM outrider.jobs").first ?? nil)
            try await queue.run(
                "INSERT INTO outrider.events (job_id, generation, kind, status, code) SELECT max(id), 0, 'outcome', 'ended', 'exhausted' FROM outrider.jobs; SELECT outrider.recount_campaign('spring')"
            )
            _ = try await queue.say("retry_campaign('spring')")
            try await load(store)
            #expect(try await queue.texts(Self.again).last == "+15550000006 4 \(last)")
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', wave, sum(people), sum(ended)) AS v FROM outrider.campaign_report('spring') GROUP BY wave ORDER BY wave"
                )
                    == ["1 11 9", "2 3 1", "4 1 0"])
        }
    }

    @Test("a worker that died in a wave is followed by another where it was, and nobody is asked twice")
    func takeover() async throws {
        try await withOutcomes { queue, store in
            _ = try await queue.say("retry_campaign('spring')")
            let first = try #require(try await store.claim())
            try await queue.run("SELECT outrider.retry_part(\(first.key.id), '\(first.key.holder)', 4)")
            #expect(try await queue.texts(Self.again).count == 2)
            try await queue.run("UPDATE outrider.campaign_loads SET beat_at = now() - interval '31 seconds'")
            try await load(store)
            #expect(try await queue.texts(Self.again).count == 4)
        }
    }
}
