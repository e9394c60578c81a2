import Delivery
import Foundation
import Postgres
import TestDatabase
import Testing

@testable import OutriderCLI

@Suite("outrider schedule", .timeLimit(.minutes(5)))
struct ScheduleTests {
    private let program: Program
    private let pool: PostgresPool

    init() async throws {
        let url = try await PostgresServer.migratedDatabase()
        program = Program(environment: ["OUTRIDER_DATABASE_URL": url])
        pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(60)))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001');
                create schema crm;
                create table crm.members as select 1 as key, '+15550000101' as phone;
                grant usage on schema crm to outrider_worker; grant select on crm.members to outrider_worker;
                select outrider.create_campaign('spring', channel => 'sms', body => 'Hello', audience => 'crm.members')
                """)
    }

    private func schedule(_ arguments: String...) async throws -> Program.Result {
        try await program.run(["schedule"] + arguments)
    }

    private func text(_ sql: String) async throws -> String {
        try await pool.fetch(Statement(name: "test \(sql)", sql: "select v::text from (select \(sql)) as q (v)"))[0]
            .string("v")
    }

    private static let job = #"{"job": {"channel": "sms", "address": "+15550000101", "body": "Hi"}}"#

    @Test("made like a campaign, shown, paused, resumed, fired, changed and dropped, each by one command")
    func life() async throws {
        let made = try await schedule(
            "create", "weekly", "--cron", "0 9 * * MON", "--zone", "Europe/Warsaw", "--campaign", "spring", "--tag",
            "offers", "--reason", "agreed")
        #expect(made.status == 0 && made.output == "1\n")
        let told = made.errors.split(separator: "\n")
        #expect(told.first == "weekly: Mondays at 9:00, Europe/Warsaw" && told.count == 3 + 5)
        #expect(told.suffix(5).allSatisfy { $0.hasPrefix("Mon ") && $0.contains(" 09:00 +0") })
        let list = try await schedule("list")
        #expect(list.output.contains("weekly") && list.output.contains("running  Mondays at 9:00  Europe/Warsaw"))

        let paused = "paused: it fires no more. What it has made goes on\n"
        #expect(try await schedule("pause", "weekly", "--reason", "stock is out").output == paused)
        #expect(try await schedule("pause", "weekly").output == "paused already\n")
        #expect(try await schedule("list", "--json", "--tag", "offers").output.contains("stock is out"))
        #expect(try await schedule("list", "--json", "--tag", "other").output == "[\n\n]\n")
        #expect(try await schedule("resume", "--tag", "offers").output == "resumed: 1 schedule\n")
        #expect(try await schedule("pause", "--all", "--json").output.contains("\"schedules\" : 1"))
        #expect(try await schedule("resume", "weekly", "--json").output.contains("\"result\" : \"resumed: times that"))

        #expect(try await schedule("trigger", "weekly", "--reason", "Ann asked").output == "fired\n")
        let again = try await schedule("trigger", "weekly")
        #expect(
            again.status == 65 && again.output.isEmpty && again.errors.contains("skipped: overlapped: what was made"))
        let show = try await schedule("show", "weekly").output
        for words in ["campaign weekly/", "overlapped: what was made", "Ann asked", "\"body\": \"Hello\"", "agreed"] {
            #expect(show.contains(words), "\(words) in \(show)")
        }

        let taken = try await schedule("create", "weekly", "--cron", "@daily", "--zone", "UTC", "--action", Self.job)
        #expect(taken.status == 65 && taken.errors.contains("schedule_name_is_taken"))
        let changed = try await schedule(
            "create", "weekly", "--cron", "@daily", "--zone", "UTC", "--action", Self.job, "--replace", "--json")
        #expect(changed.output.contains("\"id\" : 1") && changed.output.contains("\"words\" : \"Every day at 0:00\""))
        #expect(try await schedule("drop", "weekly").output == "dropped: it fires no more. What it has made goes on\n")
        #expect(try await schedule("show", "weekly").status == 65)
        #expect(
            try await text("string_agg(what, ', ' order by id) from outrider.schedule_events")
                == "created, paused, resumed, paused, resumed, triggered, triggered, changed, dropped")
        await pool.close()
    }

    @Test(
        "next tells the times of an expression as its rules for changed clocks say",
        arguments: [
            ([], "2027-03-27", "2027-03-30", ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]),
            (["--on-gap", "skip"], "2027-03-27", "2027-03-30", ["2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z"]),
            ([], "2027-10-30", "2027-11-02", ["2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]),
            (
                ["--on-overlap", "both"], "2027-10-30", "2027-11-02",
                ["2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", "2027-11-01T01:30:00Z"]
            ),
        ] as [([String], String, String, [String])])
    func expression(_ rules: [String], _ from: String, _ until: String, _ expected: [String]) async throws {
        let answer = try await program.run(
            ["schedule", "next", "--cron", "30 2 * * *", "--zone", "Europe/Berlin", "--from", from, "--until", until]
                + rules + ["--json"])
        let times = try Self.times(answer.output)
        #expect(times.compactMap { $0["nominal"] as? String } == expected, "\(answer)")
        #expect(times.first?["local"] as? String == "\(from)T02:30:00+0\(from.contains("-03-") ? 1 : 2):00")
        await pool.close()
    }

    private static func times(_ json: String) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        return object?["times"] as? [[String: Any]] ?? []
    }

    @Test("questions come a line each and are answered a line each; one that is wrong keeps no other from its answer")
    func lines() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "outrider-questions-\(UUID())")
        try """
        {"cron": "0 0 29 2 *", "zone": "America/New_York", "from": "2096-01-01", "until": "2105-01-01"}
        {"cron": "0 0 29 2", "zone": "UTC"}
        {"cron": "* * * * *", "zone": "UTC", "from": "2027-01-01", "until": "2027-01-08"}
        {"cron": "@daily", "zone": "Mars/Phobos"}
        {"cron": "30 1 * * *", "zone": "Europe/Dublin", "from": "2027-10-31", "until": "2027-11-01", "on_overlap": "second"}
        """.write(to: file, atomically: true, encoding: .utf8)
        let answer = try await program.run(["schedule", "next", "--lines"], redirection: "< '\(file.path())'")
        let lines = answer.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 5, "\(answer)")
        #expect(answer.status == 65 && answer.errors.contains("2 of 5 questions"))
        // Beyond the rules that are read at once: 2100 is no leap year.
        #expect(
            try Self.times(lines[0]).compactMap { $0["local"] as? String }
                == ["2096-02-29T00:00:00-05:00", "2104-02-29T00:00:00-05:00"])
        #expect(lines[1].contains("five fields") && lines[3].contains("time_zone_must_be_known"))
        let minutes = try Self.times(lines[2]).compactMap { $0["nominal_us"] as? Int }
        #expect(minutes.count == 7 * 1_440 && zip(minutes, minutes.dropFirst()).allSatisfy { $1 - $0 == 60_000_000 })
        #expect(try Self.times(lines[4]).compactMap { $0["local"] as? String } == ["2027-10-31T01:30:00+00:00"])
        await pool.close()
    }

    @Test("next tells of a schedule what was told when it was made, to the second of its jitter, and stops at its end")
    func jitter() async throws {
        let made = try await schedule(
            "create", "often", "--cron", "0 * * * *", "--zone", "UTC", "--action", Self.job, "--jitter", "30 minutes",
            "--starts", "2199-01-01", "--ends", "2199-01-01 03:30", "--json")
        let next = try await schedule("next", "often", "--from", "2199-01-01", "--json")
        let times = try Self.times(next.output)
        #expect(times.compactMap { $0["nominal"] as? String } == (0...3).map { "2199-01-01T0\($0):00:00Z" })
        #expect(times.compactMap { $0["fires_us"] as? Int }.count == 4)
        #expect(try times as NSArray == Self.times(made.output) as NSArray)
        for time in times {
            let (nominal, fires) = (time["nominal_us"] as? Int ?? 0, time["fires_us"] as? Int ?? 0)
            #expect((0...1_800_000_000).contains(fires - nominal))
        }
        await pool.close()
    }

    @Test("a backfill says how many times it is, and changes nothing without --yes")
    func backfill() async throws {
        _ = try await schedule("create", "hourly", "--cron", "0 * * * *", "--zone", "UTC", "--action", Self.job)
        try await pool.run(
            script: """
                insert into outrider.schedule_fires (schedule_id, nominal_at, real_at, outcome, cause)
                values (1, '2026-01-01 01:00Z', '2026-01-01 01:00Z', 'fired', 'time'),
                       (1, '2026-01-01 01:10Z', '2026-01-01 01:10Z', 'fired', 'trigger'),
                       (1, '2026-01-01 02:00Z', '2026-01-01 02:00Z', 'skipped', 'time')
                """)
        let span = ["schedule", "backfill", "hourly", "2026-01-01 00:00Z", "2026-01-01 03:00Z"]
        let asked = try await program.run(span)
        #expect(
            asked.output == """
                hourly: 4 times, of which 1 fired already; 3 would fire
                Nothing was changed. To fire them: the same with --yes

                """)
        #expect(try await text("count(*) from outrider.schedule_backfills") == "0")
        let done = try await program.run(span + ["--yes", "--reason", "it was down", "--json"])
        #expect(
            done.output.contains("\"times\" : 4") && done.output.contains("\"result\" : \"a worker fires the times"))
        #expect(
            try await text("what || ': ' || reason from outrider.schedule_events where id > 1")
                == "backfill asked for: it was down")
        await pool.close()
    }

    @Test("an application's login steers its own schedules by the same commands, and sees no other tenant's")
    func application() async throws {
        let login = "shop_\(UInt32.random(in: 0...UInt32.max))"
        try await pool.run(
            script: """
                create role \(login) login in role outrider_app;
                insert into outrider.tenant_roles (role_name, tenant) values ('\(login)', 'shop')
                """)
        _ = try await schedule("create", "theirs", "--cron", "@daily", "--zone", "UTC", "--action", Self.job)
        let owner = try #require(program.environment["OUTRIDER_DATABASE_URL"])
        var parts = try #require(URLComponents(string: owner))
        (parts.user, parts.password) = (login, nil)
        let shop = Program(environment: ["OUTRIDER_DATABASE_URL": try #require(parts.string)])
        for arguments in [
            ["create", "ours", "--cron", "@daily", "--zone", "UTC", "--action", Self.job], ["list"], ["show", "ours"],
            ["next", "ours"], ["next", "--cron", "@daily", "--zone", "UTC"], ["pause", "--all"], ["resume", "ours"],
            ["trigger", "ours"], ["backfill", "ours", "2026-01-01", "2026-01-02", "--yes"], ["drop", "ours"],
        ] {
            let result = try await shop.run(["schedule"] + arguments)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            #expect(!result.output.contains("theirs"))
        }
        let others = try await shop.run("schedule", "pause", "theirs", "--tenant", "default")
        #expect(others.status == 65 && others.errors.contains("tenant_must_be_your_own"))
        #expect(try await text("paused_at is null from outrider.schedule_clocks") == "true")
        await pool.close()
    }

    @Test(
        "what cannot be is refused with the rule and the remedy",
        arguments: [
            (["show", "nightly"], 65, "no schedule of this name"),
            (["next", "nightly"], 65, "no schedule of this name"),
            (["pause", "nightly"], 65, "schedule_must_exist"), (["pause"], 64, "--tag or --all"),
            (["pause", "nightly", "--all"], 64, "--tag or --all"),
            (["resume", "--tag", "a", "--all"], 64, "one of them"),
            (["next"], 64, "--cron and --zone"), (["next", "--cron", "@daily"], 64, "--cron and --zone"),
            (["next", "--cron", "@daily", "--zone", "UTC", "-n", "0"], 64, "1 to 100000"),
            (["next", "--cron", "@daily", "--zone", "UTC", "--on-gap", "both"], 64, "at_change or skip"),
            (["next", "--cron", "0 25 * * *", "--zone", "UTC"], 65, "cron hour must have only values"),
            (["next", "--cron", "@daily", "--zone", "Mars/Phobos"], 65, "time_zone_must_be_known"),
            (["next", "--cron", "@daily", "--zone", "UTC", "--from", "soon"], 65, "invalid input syntax"),
            (["create", "a", "--cron", "@daily", "--zone", "UTC"], 64, "--campaign or --action"),
            (["create", "a", "--cron", "@daily", "--zone", "UTC", "--campaign", "winter"], 65, "campaign_must_exist"),
            (["create", "a", "--cron", "@daily", "--zone", "UTC", "--action", "@/nowhere"], 65, "cannot be read"),
            (["create", "a", "--cron", "@daily", "--zone", "UTC", "--action", "{}"], 65, "action_must_be_a_campaign"),
            (["backfill", "nightly", "2026-01-01", "2026-01-02"], 65, "no schedule of this name"),
            (["trigger", "nightly", "--reason", " "], 64, "--reason"), (["list", "--limit", "0"], 64, "--limit"),
        ] as [([String], Int32, String)])
    func refused(_ arguments: [String], _ status: Int32, _ word: String) async throws {
        let result = try await program.run(["schedule"] + arguments)
        #expect(result.status == status && result.errors.contains(word), "\(result)")
        await pool.close()
    }

    @Test(
        "doctor names the schedules that failed or cannot be kept, with the remedy, and compares the rules of their zones"
    )
    func doctor() async throws {
        #expect(try await !program.run("doctor", "--of", "work").output.contains("schedule"))
        for (name, zone) in [("good", "Europe/Warsaw"), ("failed", "Asia/Tokyo"), ("stuck", "Asia/Tokyo")] {
            _ = try await schedule("create", name, "--cron", "@daily", "--zone", zone, "--action", Self.job)
        }
        let healthy = try await program.run("doctor", "--of", "work").output
        #expect(healthy.contains("ok      schedules: none has failed at its last time"))
        #expect(healthy.contains("time zones: this host has"))
        try await pool.run(
            script: """
                insert into outrider.schedule_fires (schedule_id, nominal_at, real_at, outcome, reason, cause)
                select id, now(), now(), 'failed', 'template_must_exist', 'time' from outrider.schedules where name = 'failed';
                select outrider.put_off_schedule(id, 10, 'out of memory') from outrider.schedules where name = 'stuck'
                """)
        let found = try await program.run("doctor", "--of", "work").output
        #expect(found.contains("look    schedule: failed of default: its last time failed: template_must_exist"))
        #expect(found.contains("look    schedule: stuck of default: what a worker found cannot be kept: out of memory"))
        #expect(found.contains("outrider schedule backfill") && !found.contains("good of default"))
        await pool.close()
    }
}

@Suite("Two sources of a zone's rules")
struct ZoneComparisonTests {
    private static let start = Instant(microseconds: 1_800_000_000_000_000)

    private static func zone(_ before: Int, changesTo after: Int, second: Int) -> (Instant) -> Int {
        { start.duration(to: $0) < .seconds(second) ? before : after }
    }

    @Test("are the same when every change is at the same second to the same offset")
    func same() {
        let one = Self.zone(3_600, changesTo: 7_200, second: 86_400 * 100 + 4_711)
        #expect(ZoneComparison.firstDifference(from: Self.start, between: one, and: one) == nil)
    }

    @Test(
        "differ from the first second at which one is not as the other",
        arguments: [
            (3_600, 7_200, 8_640_000 + 4_712, 8_640_000 + 4_711),  // A second later.
            (3_600, 7_200, 8_640_000 - 50_000, 8_640_000 - 50_000),  // On the day before.
            (3_600, 5_400, 8_640_000 + 4_711, 8_640_000 + 4_711),  // To another offset.
            (3_600, 3_600, 0, 8_640_000 + 4_711),  // Never.
            (0, 7_200, 8_640_000 + 4_711, 0),  // From the beginning.
        ])
    func differ(_ before: Int, _ after: Int, _ second: Int, _ expected: Int) {
        let one = Self.zone(3_600, changesTo: 7_200, second: 8_640_000 + 4_711)
        let other = Self.zone(before, changesTo: after, second: second)
        let first = ZoneComparison.firstDifference(from: Self.start, between: one, and: other)
        #expect(first == Self.start.advanced(by: .seconds(expected)))
    }
}
