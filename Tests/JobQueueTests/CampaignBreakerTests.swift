import Delivery
import JobQueue
import Postgres
import Schema
import Testing

/// What becomes of the attempts of a campaign.
extension TestQueue {
    /// Writes to so many people of a campaign that is fed: the first fail with this class, the others are reached.
    func results(_ failed: Int, of count: Int, _ failure: FailureClass, first: Int = 1) async throws {
        try await ask(count, first: first)
        _ = try await feed(count)
        let jobs = try await send(count, as: nil)
        let records = jobs.enumerated().map { number, job in
            let refused = JobEvent.answered(.refused(code: "1", failure, reason: "", retryAfter: nil))
            let ended = JobEvent.ended(number < failed ? .exhausted : .delivered, reason: nil)
            return Record(
                events: (number < failed ? [event(refused, job)] : []) + [event(ended, job, generation: 0)])
        }
        try await store.record(records, worker: "w1", doneLeases: [])
    }

    func state(of campaign: Int = 1) async throws -> String? {
        try await texts("SELECT state AS v FROM outrider.campaigns WHERE id = \(campaign)").first ?? nil
    }
}

@Suite("Campaigns that pause by themselves", .timeLimit(.minutes(5)))
struct CampaignBreakerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var failure: FailureClass
        var failed: Int
        var results: Int
        /// The beginning of the reason; nil when it goes on.
        var reason: String?

        var testDescription: String { "\(failed) of \(results) \(failure)" }
    }

    static let cases = [
        Case(failure: .filtered, failed: 10, results: 100),
        Case(
            failure: .filtered, failed: 11, results: 100,
            reason: "11.0 % of 100 messages were filtered by carriers, and 10 % is the most."),
        Case(failure: .filtered, failed: 99, results: 99),
        Case(failure: .optedOut, failed: 5, results: 100),
        Case(
            failure: .optedOut, failed: 6, results: 100,
            reason: "6.0 % of 100 messages were refused because the person has opted out, and 5 %"),
        Case(failure: .configuration, failed: 2, results: 100),
        Case(
            failure: .configuration, failed: 3, results: 100,
            reason: "3.0 % of 100 messages failed because the sender or the account is not set up"),
        Case(failure: .unreachable, failed: 100, results: 100),
    ]

    @Test("it pauses when more than the threshold of enough results failed, and not before", arguments: cases)
    func thresholds(_ row: Case) async throws {
        try await TestQueue.with { queue in
            try await queue.results(row.failed, of: row.results, row.failure)
            let stopped = try await queue.campaigns.judge()
            #expect(stopped.map(\.id) == (row.reason == nil ? [] : [1]))
            #expect(try await queue.state() == (row.reason == nil ? "running" : "paused"))
            guard let reason = row.reason else { return }
            #expect(stopped[0].reason.hasPrefix(reason))
            #expect(
                try await queue.texts(
                    "SELECT concat_ws('|', login, what) AS v FROM outrider.campaign_history ORDER BY id DESC LIMIT 1")
                    == [
                        "postgres|paused by itself"
                    ])
            #expect(
                try await queue.texts(
                    "SELECT paused_reason AS v FROM outrider.campaigns") == ["paused by itself: " + stopped[0].reason])
        }
    }

    @Test("a threshold is the campaign's own where somebody set one; 100 is never")
    func ownThresholds() async throws {
        try await TestQueue.with { queue in
            try await queue.results(20, of: 20, .filtered)
            #expect(
                try await queue.say("set_campaign_breaker('spring', filtered_percent => 100, judged_from => 20)")
                    == "it pauses by itself when, of 20 results or more, over 100 % are filtered, 5 % have opted out or 2 % are not set up"
            )
            #expect(try await queue.campaigns.judge().isEmpty)
            _ = try await queue.say("set_campaign_breaker('spring', filtered_percent => 99.5)")
            try await queue.results(20, of: 20, .filtered, first: 21)
            #expect(try await queue.campaigns.judge().map(\.id) == [1])
        }
    }

    @Test("a person lets it go on: what was before does not pause it again, and what follows does, from 100 on")
    func resumed() async throws {
        try await TestQueue.with { queue in
            try await queue.results(50, of: 100, .filtered)
            #expect(try await queue.campaigns.judge().count == 1)
            #expect(try await queue.say("resume_campaign('spring')") == "resumed")
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.results(99, of: 99, .filtered, first: 101)
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.results(1, of: 1, .filtered, first: 200)
            #expect(try await queue.campaigns.judge().map(\.reason).first?.hasPrefix("100.0 % of 100 messages") == true)
        }
    }

    @Test("failures that nobody has folded when a person lets it go on do not count either")
    func resumedUnfolded() async throws {
        try await TestQueue.with { queue in
            try await queue.results(50, of: 50, .filtered)
            _ = try await queue.say("pause_campaign('spring', 'to look')")
            _ = try await queue.say("resume_campaign('spring')")
            try await queue.results(0, of: 99, .filtered, first: 51)
            try await queue.results(1, of: 1, .filtered, first: 150)
            #expect(try await queue.campaigns.judge().isEmpty)
        }
    }

    @Test("what was begun and has no result yet counts among the rest: a failure is known at once")
    func underWay() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(400, first: 1_000)
            _ = try await queue.feed(400)
            _ = try await queue.send(400, as: nil)
            _ = try await queue.say("set_campaign_breaker('spring', judged_from => 20)")
            try await queue.results(20, of: 20, .optedOut)
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.results(2, of: 2, .optedOut, first: 21)
            #expect(try await queue.campaigns.judge().map(\.reason).first?.hasPrefix("5.2 % of 422 messages") == true)
            // Those of before are no part of what follows.
            _ = try await queue.say("resume_campaign('spring')")
            try await queue.results(19, of: 19, .optedOut, first: 31)
            #expect(try await queue.campaigns.judge().isEmpty)
            try await queue.results(1, of: 1, .optedOut, first: 51)
            #expect(
                try await queue.campaigns.judge().map(\.reason).first?.hasPrefix("100.0 % of 20 messages") == true)
        }
    }

    @Test("a person who lets one go on takes no news of another: that is judged, also when its news was lost")
    func others() async throws {
        try await TestQueue.with { queue in
            try await queue.results(100, of: 100, .filtered)
            try await queue.run(
                """
                INSERT INTO outrider.campaigns (tenant, name) VALUES ('default', 'autumn');
                INSERT INTO outrider.campaign_feeds VALUES (2)
                """)
            _ = try await queue.say("pause_campaign('autumn', 'to look')")
            _ = try await queue.say("resume_campaign('autumn')")
            #expect(try await queue.count("outrider.campaign_failure_deltas WHERE campaign_id = 1") == 1)
            try await queue.run("SELECT outrider.fold_failures()")
            #expect(try await queue.campaigns.judge().map(\.id) == [1])
        }
    }

    @Test("a person's pause of one that paused by itself is kept with its reason, and said once")
    func keptPause() async throws {
        try await TestQueue.with { queue in
            try await queue.results(100, of: 100, .filtered)
            _ = try await queue.campaigns.judge()
            #expect(
                try await queue.say("pause_campaign('spring', 'I look')")
                    == "paused: it had paused by itself, and goes on when somebody resumes it")
            #expect(try await queue.say("pause_campaign('spring', 'again')") == "paused already")
            #expect(
                try await queue.texts("SELECT paused_reason AS v FROM outrider.campaigns") == ["postgres: I look"])
            #expect(try await queue.count("outrider.campaign_events WHERE what = 'paused' AND reason = 'I look'") == 1)
        }
    }

    @Test("people let campaigns go on while workers fold: nobody waits in a circle, and no failure is lost")
    func foldedMeanwhile() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.campaigns (tenant, name) SELECT 'default', 'c' || n FROM generate_series(1, 3) n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        for round in 0..<40 {
                            let campaign = (round + number) % 3 + 1
                            try await queue.run(
                                number % 2 == 0
                                    ? "SELECT outrider.forget_results(\(campaign))"
                                    : """
                                    INSERT INTO outrider.campaign_failure_deltas
                                    SELECT 1 + (n + \(round)) % 3, 'class' || (n * 7 + \(round)) % 9, 1 FROM generate_series(1, 30) n;
                                    SELECT outrider.fold_failures(\(5 + round % 20))
                                    """)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await queue.run("SELECT outrider.fold_failures()")
            #expect(try await queue.texts("SELECT sum(failed) AS v FROM outrider.campaign_failures") == ["3600"])
            #expect(try await queue.count("outrider.campaign_failures WHERE failed_before > failed") == 0)
        }
    }

    @Test("eight that judge at once pause it once, and no other campaign")
    func concurrent() async throws {
        try await TestQueue.with { queue in
            try await queue.results(100, of: 100, .filtered)
            try await queue.ask(1, of: "autumn", first: 900)
            let stopped = try await withThrowingTaskGroup(of: [StoppedCampaign].self) { group in
                for _ in 0..<8 { group.addTask { try await queue.campaigns.judge() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(stopped.map(\.id) == [1])
            #expect(try await queue.count("outrider.campaign_events WHERE what = 'paused by itself'") == 1)
            #expect(try await queue.state(of: 2) == "running")
        }
    }

    @Test("an attempt fails once, whatever is said of it and by whom, and also when a later step gets through")
    func countedOnce() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(1)
            _ = try await queue.feed(1)
            let job = try await queue.send(as: nil)[0]
            let words: [JobEvent] = [
                .answered(.refused(code: "30007", .filtered, reason: "", retryAfter: nil)),
                .receipt(.init(status: "undelivered", .failed(.filtered))),
                .receipt(.init(status: "failed", .failed(.filtered))),
            ]
            let first = Record(events: words[0...1].map { event($0, job) })
            try await queue.store.record([first], worker: "w1", doneLeases: [])
            try await queue.store.record([first], worker: "w2", doneLeases: [])
            try await queue.store.record([Record(events: [event(words[2], job)])], worker: "w1", doneLeases: [])
            try await queue.store.record(
                [Record(events: [event(.ended(.delivered, reason: nil), job, generation: 0)])], worker: "w1",
                doneLeases: [])
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', name, class, failed) AS v FROM outrider.campaign_attempts_failed") == [
                        "spring filtered 1"
                    ])
        }
    }

    @Test("a job of no campaign counts for none")
    func noCampaign() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let refused = JobEvent.answered(.refused(code: "1", .filtered, reason: "", retryAfter: nil))
            try await queue.store.record([Record(events: [event(refused)])], worker: "w1", doneLeases: [])
            #expect(try await queue.count("outrider.campaign_failure_deltas") == 0)
            #expect(try await queue.count("outrider.events WHERE class = 'filtered'") == 1)
        }
    }

    @Test(
        "it is a trouble until a person has decided: resumed, cancelled, or paused by name",
        arguments: [
            "resume_campaign('spring')", "cancel_campaign('spring')", "pause_campaign('spring', 'I know')",
        ])
    func decided(call: String) async throws {
        try await TestQueue.with { queue in
            try await queue.results(100, of: 100, .filtered)
            _ = try await queue.campaigns.judge()
            let stopped = Schema.statement("stopped_campaigns")
            #expect(try await queue.admin.fetch(stopped).map { try $0.string("name") } == ["spring"])
            _ = try await queue.say(call)
            #expect(try await queue.admin.fetch(stopped).isEmpty)
        }
    }
}
