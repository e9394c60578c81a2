import Delivery
import JobQueue
import Postgres
import Synchronization
import Testing

/// Schedules, as SQL and the store see them.
extension TestQueue {
    var schedules: ScheduleStore { ScheduleStore(workers) }

    /// One look, as a worker makes it.
    @discardableResult
    func tick(_ count: Int = 50) async throws -> [String] {
        try await schedules.advance(atMost: count) { $0.compactMap(\.advance) }
            .map { [$0.outcome.rawValue, $0.reason].filter { !$0.isEmpty }.joined(separator: ": ") }
    }

    func schedule(
        _ name: String = "hourly", cron: String = "0 * * * *",
        action: String = #"{"job": {"channel": "sms", "address": "+15550000001", "body": "x"}}"#,
        _ rest: String = ""
    ) async throws {
        try await run(
            "SELECT outrider.create_schedule('\(name)', '\(cron)', 'UTC', '\(action)'\(rest.isEmpty ? "" : ", \(rest)"))"
        )
    }

    /// As if no worker had run for a while. Its times are those of the hours, so how many passed does not depend on the minute.
    func sleep(_ hours: Int, _ name: String = "hourly") async throws {
        try await run(
            """
            UPDATE outrider.schedule_clocks SET due_at = now(), decided_until = date_trunc('hour', now()) - interval '\(hours - 1) hours 30 minutes'
             WHERE schedule_id = (SELECT id FROM outrider.schedules WHERE name = '\(name)')
            """)
    }

    /// What became of each time, the earliest first.
    func fires(_ name: String = "hourly") async throws -> [String?] {
        try await texts(
            """
            SELECT concat_ws(' ', cause, outcome, reason) AS v FROM outrider.schedule_fire_history WHERE name = '\(name)' ORDER BY nominal_at
            """)
    }

    func audience(_ count: Int = 3) async throws {
        try await run(
            """
            CREATE SCHEMA crm; GRANT USAGE ON SCHEMA crm TO outrider_worker, outrider_app;
            CREATE TABLE crm.members AS SELECT n::text AS key, '+1555000000' || n AS phone FROM generate_series(1, \(count)) n;
            GRANT SELECT ON crm.members TO outrider_worker, outrider_app
            """)
    }

    static let campaign = #"{"campaign": {"channel": "sms", "body": "Hello. STOP ends.", "audience": "crm.members"}}"#
}

@Suite("Schedules", .timeLimit(.minutes(5)))
struct ScheduleStoreTests {
    @Test("a schedule fires from now on, never for the past, and each of its times has one row")
    func fires() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("hourly", "missed => 'all'")
            #expect(try await queue.tick().isEmpty)
            #expect(try await queue.fires().isEmpty)
            try await queue.sleep(3)
            #expect(try await queue.tick() == ["fired", "fired", "fired"])
            #expect(try await queue.tick().isEmpty)
            #expect(try await queue.fires() == Array(repeating: "time fired", count: 3))
            #expect(try await queue.count("outrider.jobs") == 3)
            #expect(try await queue.count("outrider.due") == 3)
            // Whoever looks again at what is decided finds it decided.
            try await queue.sleep(3)
            #expect(try await queue.tick().isEmpty)
            #expect(try await queue.count("outrider.jobs") == 3)
        }
    }

    @Test("a time that did not fire has a row with its reason")
    func skipped() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("hourly", "missed => 'skip'")
            try await queue.sleep(2)
            try await queue.tick()
            try await queue.run("SELECT outrider.pause_schedule('hourly', 'a test')")
            try await queue.run(
                "UPDATE outrider.schedule_clocks SET decided_until = decided_until - interval '5 hours', due_at = now()"
            )
            try await queue.tick()
            let fires = try await queue.fires()
            #expect(fires.suffix(2) == ["time skipped late", "time skipped late"])
            #expect(Set(fires.dropLast(2)) == ["time skipped paused"])
            #expect(try await queue.count("outrider.jobs") == 0)
        }
    }

    @Test("of workers that look at once, one fires", arguments: [2, 8])
    func atOnce(workers: Int) async throws {
        try await TestQueue.with { queue in
            for n in 1...20 { try await queue.schedule("s\(n)", "missed => 'all'") }
            try await queue.tick()
            for n in 1...20 { try await queue.sleep(2, "s\(n)") }
            try await withThrowingTaskGroup { group in
                for _ in 1...workers {
                    group.addTask { for _ in 1...20 { try await queue.tick(3) } }
                }
                try await group.waitForAll()
            }
            #expect(try await queue.count("outrider.jobs") == 40)
            #expect(
                try await queue.count("outrider.schedule_fires WHERE outcome = 'fired' AND job_id IS NOT NULL") == 40)
        }
    }

    @Test("a time makes a campaign that is named after it, and starts it")
    func campaign() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign, "lasts => '8 hours'")
            try await queue.sleep(1, "weekly")
            #expect(try await queue.tick() == ["fired"])
            let made = try await queue.texts(
                """
                SELECT concat_ws(' ', state, load_state, name = 'weekly/' || to_char(date_trunc('hour', now() at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI'),
                                 not_after - date_trunc('hour', now())) AS v FROM outrider.campaign_status
                """)
            #expect(made == ["running waiting t 08:00:00"])
        }
    }

    @Test(
        "when what was made before has not ended, the schedule's rule says what comes of its time",
        arguments: [
            ("allow", ["time fired", "time fired"], "running,running"),
            ("skip", ["time fired", "time skipped overlapped"], "running"),
            ("wait_one", ["time fired", "time waiting until"], "running"),
            ("cancel_previous", ["time fired", "time fired"], "canceled,running"),
        ])
    func overlap(rule: String, fires: [String], states: String) async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign, "overlap => '\(rule)', missed => 'all'")
            try await queue.sleep(2, "weekly")
            try await queue.tick()
            let found = try await queue.fires("weekly")
            #expect(
                zip(found, fires).allSatisfy { $0?.hasPrefix($1) == true } && found.count == fires.count, "\(found)")
            #expect(
                try await queue.texts("SELECT string_agg(state, ',' ORDER BY id) AS v FROM outrider.campaigns") == [
                    states
                ])
        }
    }

    @Test("a time that waits fires when what was made before has ended, and only one waits")
    func waits() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign, "overlap => 'wait_one', missed => 'all'")
            try await queue.sleep(3, "weekly")
            try await queue.tick()
            try await queue.schedules.fireWaiting()
            #expect(try await queue.count("outrider.campaigns") == 1)
            try await queue.run("UPDATE outrider.campaigns SET state = 'finished', ended_at = now()")
            try await queue.schedules.fireWaiting()
            try await queue.schedules.fireWaiting()
            #expect(try await queue.count("outrider.campaigns") == 2)
            let fires = try await queue.fires("weekly")
            #expect(fires.prefix(2) == ["time fired", "time fired"])
            #expect(fires[2] == "time skipped overlapped: an earlier time waits for what was made before")
        }
    }

    @Test("what cannot be made is noted with its reason, keeps no other from firing, and is tried at the next time")
    func failed() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign)
            try await queue.schedule()
            try await queue.run("ALTER TABLE crm.members RENAME TO people")
            for name in ["weekly", "hourly"] { try await queue.sleep(1, name) }
            let outcomes = try await queue.tick()
            #expect(outcomes.count == 2 && outcomes.contains("fired"))
            #expect(outcomes.contains { $0.hasPrefix("failed: audience_must_exist") })
            #expect(try await queue.count("outrider.campaigns") == 0)
            try await queue.run("ALTER TABLE crm.people RENAME TO members")
            #expect(try await queue.say("trigger_schedule('weekly')") == "fired")
        }
    }

    @Test("an audience must be the maker's to read each time, not only the worker's")
    func rights() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign)
            let login = "outrider_test_\(UInt32.random(in: .min ... .max))"
            try await queue.run("CREATE ROLE \(login); UPDATE outrider.schedules SET login = '\(login)'")
            try await queue.sleep(1, "weekly")
            #expect(try await queue.tick().first?.hasPrefix("failed: audience_must_be_yours_to_read") == true)
            try await queue.run("DROP ROLE \(login)")
        }
    }

    @Test("changing a schedule fires nothing for the past; one that is dropped and made again repeats no time")
    func edits() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule()
            try await queue.sleep(1)
            try await queue.tick()
            try await queue.schedule(cron: "0,1 * * * *", "replace => true, missed => 'all', catch_up => '2 days'")
            try await queue.tick()
            #expect(try await queue.count("outrider.jobs") == 1)
            try await queue.run("SELECT outrider.drop_schedule('hourly', 'a test')")
            try await queue.schedule("hourly", "missed => 'all', catch_up => '2 days'")
            try await queue.tick()
            #expect(try await queue.count("outrider.jobs") == 1)
        }
    }

    @Test("a backfill fires the times that did not fire, in order, each once")
    func backfill() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("hourly", "missed => 'skip'")
            try await queue.sleep(2)
            try await queue.tick()
            try await queue.run(
                "SELECT outrider.backfill_schedule('hourly', now() - interval '50 hours', now(), 'a test')")
            while try await queue.schedules.backfill() {}
            try await queue.run(
                "SELECT outrider.backfill_schedule('hourly', now() - interval '50 hours', now(), 'again')")
            while try await queue.schedules.backfill() {}
            #expect(try await queue.fires() == Array(repeating: "backfill fired", count: 50))
            #expect(try await queue.count("outrider.jobs") == 50)
        }
    }

    @Test(
        "a schedule that is made like a campaign makes campaigns with its texts, variants, hours, budget, breaker and rate"
    )
    func like() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.run(
                """
                SELECT outrider.create_campaign('base', channel => 'sms', audience => 'crm.members', holdout_percent => 10, opens => '9:00', closes => '20:00',
                    days => '{1,2}', budget_messages => 100, filtered_percent => 7, data => '{"shop": "North"}', variants =>
                    '[{"name": "a", "percent": 50, "body": "A {{shop}}"}, {"name": "b", "percent": 40, "body": "B", "data": {"shop": "South"}}]');
                SELECT outrider.set_campaign_rate('base', 5, 'a test');
                SELECT outrider.create_schedule('weekly', '0 * * * *', 'UTC', '{"campaign": {"like": "base", "budget_messages": 50}}')
                """)
            try await queue.sleep(1, "weekly")
            #expect(try await queue.tick() == ["fired"])
            let made = try await queue.texts(
                """
                SELECT concat_ws(' ', c.rate_per_second, d.holdout_percent, d.data, w.opens, w.closes, w.days, m.messages, m.filtered_percent) AS v
                  FROM outrider.campaigns c JOIN outrider.campaign_definitions d ON d.campaign_id = c.id
                  JOIN outrider.campaign_windows w ON w.campaign_id = c.id JOIN outrider.campaign_limits m ON m.campaign_id = c.id
                 WHERE c.name LIKE 'weekly/%'
                """)
            #expect(made == [#"5 10.00 {"shop": "North"} 09:00:00 20:00:00 {1,2} 50 7"#])
            let variants = try await queue.texts(
                """
                SELECT concat_ws(' ', v.name, v.percent, t.body, v.data) AS v FROM outrider.campaign_variants v
                  JOIN outrider.campaigns c ON c.id = v.campaign_id JOIN outrider.templates t ON t.name = v.template
                 WHERE c.name LIKE 'weekly/%' ORDER BY v.position
                """)
            #expect(variants == ["a 50.00 A {{shop}} {}", #"b 40.00 B {"shop": "South"}"#])
        }
    }

    @Test("one that cannot be looked at keeps no other from firing, and says why")
    func poison() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("unknown")
            try await queue.schedule("unreadable")
            try await queue.schedule()
            try await queue.tick()
            // A zone that another release of the server does not have, and an expression that another release of Outrider reads.
            try await queue.run(
                """
                UPDATE outrider.schedules SET time_zone = 'Mars/Phobos' WHERE name = 'unknown';
                UPDATE outrider.schedules SET cron = '@reboot' WHERE name = 'unreadable'
                """)
            for name in ["unknown", "unreadable", "hourly"] { try await queue.sleep(1, name) }
            let problems = Mutex<[String]>([])
            let firings = try await queue.schedules.advance(atMost: 50) { due in
                problems.withLock { $0 = due.compactMap(\.problem) }
                return due.compactMap(\.advance)
            }
            #expect(firings.map(\.outcome) == [.fired])
            #expect(
                Set(problems.withLock { $0 })
                    == ["the database does not know its time zone", "this version cannot read its expression"])
        }
    }

    @Test(
        "what would stop every worker's look is refused when it is written",
        arguments: [
            ("UTC", ", ends_at => 'infinity'"), ("UTC", ", starts_at => 'infinity'"),
            ("UTC", ", ends_at => '294270-01-01'"), ("CEST", ""), ("UTC+2", ""), ("Mars/Phobos", ""),
        ])
    func refused(zone: String, rest: String) async throws {
        try await TestQueue.with { queue in
            await #expect(throws: PostgresError.self) {
                try await queue.run(
                    "SELECT outrider.create_schedule('x', '* * * * *', '\(zone)', \(Self.job)\(rest))")
            }
            let made = try await queue.count("outrider.schedules")
            #expect(made == 0)
        }
    }

    private static let job = #"'{"job": {"channel": "sms", "address": "+15550000001", "body": "x"}}'"#

    @Test("what was made before is cancelled only when there is another in its place")
    func cancelsLast() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign, "overlap => 'cancel_previous'")
            #expect(try await queue.say("trigger_schedule('weekly')") == "fired")
            try await queue.run("REVOKE SELECT ON crm.members FROM outrider_worker")
            #expect(try await queue.say("trigger_schedule('weekly')")?.hasPrefix("failed: ") == true)
            #expect(try await queue.texts("SELECT state AS v FROM outrider.campaigns") == ["running"])
        }
    }

    @Test("a lock that somebody holds keeps one schedule from firing, and no other")
    func locked() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("held")
            try await queue.schedule()
            try await queue.tick()
            for name in ["held", "hourly"] { try await queue.sleep(1, name) }
            try await queue.admin.transaction { transaction in
                try await transaction.run(
                    script: """
                        INSERT INTO outrider.schedule_fires (schedule_id, nominal_at, real_at, outcome, cause)
                        SELECT id, date_trunc('hour', now()), now(), 'fired', 'time' FROM outrider.schedules WHERE name = 'held'
                        """)
                // Its own limit, long before the statement's.
                let error = await #expect(throws: StoreError.self) { try await queue.tick(1) }
                guard case .database(.server(let state, _, _))? = error else {
                    throw StoreError.unreadable("\(String(describing: error))")
                }
                #expect(state.code == "55P03")
                try await queue.schedules.putOff(1, by: .seconds(10), because: "a test")
                #expect(try await queue.tick(1) == ["fired"])
            }
        }
    }

    @Test("the page's login sees no text and no address of what a schedule makes; an application sees its own")
    func secrets() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule()
            for (role, isShown) in [("outrider_gateway", "f"), ("outrider_app", "t"), ("outrider_operator", "t")] {
                let login = "outrider_test_\(UInt32.random(in: .min ... .max))"
                try await queue.run("CREATE ROLE \(login) IN ROLE \(role)")
                let shown = try await queue.admin.transaction { transaction in
                    try await transaction.run(script: "SET SESSION AUTHORIZATION \(login)")
                    let question = Statement(
                        name: "test.definition", sql: "SELECT definition IS NOT NULL AS v FROM outrider.schedule_status"
                    )
                    let shown = try await transaction.fetch(question).map { row in try row.string("v") }
                    try await transaction.run(script: "RESET SESSION AUTHORIZATION")
                    return shown
                }
                #expect(shown == [isShown], "\(role)")
                try await queue.run("DROP ROLE \(login)")
            }
        }
    }

    @Test("a change that leaves its times as they are loses none that no worker has come to yet")
    func keepsTimes() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("hourly", "missed => 'all'")
            try await queue.tick()
            try await queue.sleep(2)
            try await queue.schedule("hourly", "missed => 'all', replace => true, tags => '{x}'")
            #expect(try await queue.tick() == ["fired", "fired"])
        }
    }

    @Test("an application's audience that became a view is refused when the time comes, as it is when it is written")
    func viewLater() async throws {
        try await TestQueue.with { queue in
            try await queue.audience()
            try await queue.schedule("weekly", action: TestQueue.campaign)
            let login = "outrider_test_\(UInt32.random(in: .min ... .max))"
            try await queue.run(
                """
                CREATE ROLE \(login) IN ROLE outrider_app; UPDATE outrider.schedules SET login = '\(login)'; ALTER TABLE crm.members RENAME TO people;
                CREATE VIEW crm.members AS SELECT * FROM crm.people; GRANT SELECT ON crm.members TO outrider_worker, \(login)
                """)
            try await queue.sleep(1, "weekly")
            #expect(
                try await queue.tick().first?.hasPrefix("failed: audience_of_an_application_must_be_a_table") == true)
            try await queue.run("REVOKE ALL ON crm.members FROM \(login); DROP ROLE \(login)")
        }
    }

    @Test("many are paused and resumed by a tag, or all")
    func tags() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule("a", "tags => '{x,y}'")
            try await queue.schedule("b", "tags => '{y}'")
            try await queue.schedule("c")
            #expect(try await queue.say("pause_schedules('a test', 'y')::text") == "2")
            #expect(try await queue.say("pause_schedules('a test')::text") == "1")
            #expect(try await queue.say("resume_schedules('x')::text") == "1")
            #expect(
                try await queue.texts("SELECT name AS v FROM outrider.schedule_status WHERE state = 'paused'") == [
                    "b", "c",
                ])
        }
    }

    @Test("the next times are shown as the last look found them, in words and by the clock on the wall")
    func nextRuns() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_schedule('weekly', '30 8 * * MON', 'Asia/Kolkata', '{\"job\": {\"channel\": \"sms\", \"address\": \"+15550000001\", \"body\": \"x\"}}', jitter => '1 hour')"
            )
            try await queue.tick()
            let runs = try await queue.texts(
                "SELECT concat_ws('|', local_time ~ '^Mon .* 08:30$', words, fires_at BETWEEN nominal AND nominal + interval '1 hour') AS v FROM outrider.next_runs('weekly', 3)"
            )
            #expect(runs == Array(repeating: "t|Mondays at 8:30, Asia/Kolkata|t", count: 3))
        }
    }

    @Test("a database that was restored or copied fires nothing, until an operator has adopted it")
    func displaced() async throws {
        try await TestQueue.with { queue in
            try await queue.schedule()
            try await queue.sleep(1)
            try await queue.run("SELECT outrider.doubt_database('other')")
            #expect(try await queue.tick().isEmpty)
            #expect(try await queue.count("outrider.schedule_fires") == 0)
            #expect(try await queue.say("trigger_schedule('hourly')")?.hasPrefix("nothing fires") == true)
            try await queue.run("SELECT outrider.adopt('a test'); UPDATE outrider.schedule_clocks SET due_at = now()")
            // It may have fired in the database of which this one is a copy.
            #expect(try await queue.tick().isEmpty)
            #expect(try await queue.fires() == ["time skipped before_adoption"])
            #expect(try await queue.say("trigger_schedule('hourly')") == "fired")
        }
    }

    @Test("a cron expression is refused by SQL exactly where the worker could not read it")
    func expressions() async throws {
        try await TestQueue.with { queue in
            var state: UInt64 = 12
            let parts = [
                "*", "0", "5", "59", "60", "23", "24", "31", "30", "12", "13", "7", "8", "1-5", "5-1", "fri-sun",
                "sun-2", "MON", "jan", "feb,mar",
                "*/2", "*/60", "*/61", "*/0", "5/2", "1-30/15", "1-30/31", "1,,2", "1,", "-", "x", "1-", "@daily",
                "@reboot", "99999999999", "0-6/7", "6-7",
            ]
            var texts = [
                "", " ", "@hourly", "@Daily", "@never", "* * * *", "0 0 30 2 *", "0 0 30 2 */2", "0 0 31 4,6 *",
                "\u{661} * * * *", String(repeating: "*", count: 257),
            ]
            for _ in 0..<3_000 {
                let fields = (0..<5).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return parts[Int(state >> 33) % parts.count]
                }
                texts.append(fields.joined(separator: " "))
            }
            let problems = try await queue.admin.fetch(
                Statement(
                    name: "test.cron",
                    sql: """
                        SELECT coalesce(outrider.cron_problem(t), '') AS v FROM unnest($1::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n
                        """), [.textArray(texts)])
            for (text, row) in zip(texts, problems) {
                let problem = try row.string("v")
                do throws(CronError) {
                    _ = try CronExpression(text)
                    #expect(problem == "", "\(text)")
                } catch {
                    #expect(!problem.isEmpty && error.description.hasPrefix(problem), "\(text): \(problem): \(error)")
                }
            }
        }
    }
}
