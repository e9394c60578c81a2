import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("outrider campaign", .timeLimit(.minutes(5)))
struct CampaignTests {
    private let program: Program
    private let pool: PostgresPool
    private let folder = FileManager.default.temporaryDirectory.appending(path: "outrider-campaign-\(UUID())")

    init() async throws {
        let url = try await PostgresServer.migratedDatabase()
        program = Program(environment: ["OUTRIDER_DATABASE_URL": url])
        pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(60)))
        try await pool.run(
            script: "insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001')")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = folder.appending(path: name)
        try text.write(to: path, atomically: true, encoding: .utf8)
        return path.path()
    }

    private func campaign(_ arguments: String...) async throws -> Program.Result {
        try await program.run(["campaign"] + arguments)
    }

    private static let csv = """
        key,phone,name
        1,+15550000101,Ann
        2,0048123,Secret
        3,+15550000103,"Ben, the second"
        1,+15550000104,Again
        5,+15550000105
        """

    @Test(
        "doctor counts campaigns, names a count that is wrong with its remedy, and is content once it was counted anew")
    func doctor() async throws {
        let people = try file("people.csv", Self.csv)
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello {{name}}")
        _ = try await campaign("load", "spring", people)
        let fine = "ok      campaigns: what is counted is there"
        #expect(try await program.run("doctor", "--of", "work").output.contains(fine))
        try await pool.run(script: "update outrider.campaign_deltas set people = people + 1")
        let output = try await program.run("doctor", "--of", "work").output
        #expect(output.contains("campaign: spring of default: 3 people are counted, and 2 are there"))
        #expect(output.contains("select outrider.recount_campaign('spring', 'default')"))
        try await pool.run(script: "select outrider.recount_campaign('spring', 'default')")
        #expect(try await program.run("doctor", "--of", "work").output.contains(fine))
    }

    @Test(
        "who makes a campaign, previews it or asks the doctor reads that its text says no way to stop, and what Smart Encoding would save"
    )
    func warnings() async throws {
        let body = "It’s spring, {{name}}: bit.ly/x – " + String(repeating: "more ", count: 14)
        let made = try await campaign("create", "spring", "--channel", "sms", "--body", body)
        #expect(made.output == "1\n")
        #expect(made.errors.contains("look: template \"outrider.campaign/1\" says an offer without how to stop."))
        #expect(made.errors.contains("has a link by bit.ly. Carriers block public shorteners (30007)"))
        let people = try file("people.csv", "phone,name\n+15550000101,Ann\n+15550000102,Ben\n")
        let preview = try await campaign("preview", "spring", people).output
        #expect(preview.contains("look: template \"outrider.campaign/1\" says an offer without how to stop."))
        #expect(preview.contains("All texts make 4 segments."))
        #expect(preview.contains("they make 2: it replaces \"–\" (2 people), \"’\" (2 people)"))
        let doctor = try await program.run("doctor", "--of", "work").output
        #expect(doctor.contains("look    texts: the SMS of 1 campaign(s) has a link by bit.ly: spring"))
        let quiet = try await campaign("create", "quiet", "--channel", "sms", "--body", "Hello. STOP ends.")
        #expect(quiet.errors.isEmpty)
    }

    @Test("made, loaded from a file, started, paused, resumed, cancelled and reported, each by one command")
    func life() async throws {
        let people = try file("people.csv", Self.csv)
        let rejects = folder.appending(path: "rejects.csv").path()
        #expect(try await campaign("create", "spring", "--channel", "sms", "--body", "Hello {{name}}").output == "1\n")
        let load = try await campaign("load", "spring", people, "--rejects", rejects)
        #expect(
            load.output == "2 people loaded; 1 were there already; 2 of 5 lines are refused\n")
        #expect(
            load.errors == """
                audience line 3: phone number must start with +: … (7 characters)
                audience line 6: must have 3 fields as the header, not 2

                """)
        #expect(
            try String(contentsOfFile: rejects, encoding: .utf8) == """
                line,problem
                3,"phone number must start with +: … (7 characters)"
                6,"must have 3 fields as the header, not 2"

                """)
        // Once more: nobody is new.
        let again = try await campaign("load", "spring", people, "--json", "--reason", "to be sure")
        #expect(again.output.contains("\"added\" : 0") && again.output.contains("\"duplicates\" : 3"))
        #expect(try await campaign("start", "spring", "--reason", "agreed").output == "started\n")
        #expect(try await campaign("pause", "spring").output == "paused: nothing more of it is begun\n")
        #expect(try await campaign("resume", "spring", "--json").output.contains("\"result\" : \"resumed\""))
        try await pool.run(script: "select outrider.cancel(min(id)) from outrider.jobs")
        let report = try await campaign("report", "spring")
        #expect(report.output.contains("2 people: 1 ended, 1 left") && report.output.contains("50.0 %"))
        #expect(report.output.contains("  started") && report.output.contains("agreed"))
        let list = try await campaign("list", "--json")
        #expect(list.output.contains("\"people\" : 2") && list.output.contains("\"ended\" : 1"))
        #expect(try await campaign("list").output.contains("██████████░░░░░░░░░░"))
        #expect(
            try await campaign("report", "spring", "--people").output
                .hasPrefix("job,key,wave,variant,state,outcome,channel,class,reason\n1,1,1,,canceled,canceled,sms,,"))
        #expect(
            try await campaign("cancel", "spring").output
                == "canceled: of 2 people 1 had ended, and a send had been begun for 0; nobody else gets anything\n"
        )
        let events = try await pool.fetch(
            Statement(
                name: "test.events",
                sql:
                    "select string_agg(what || coalesce(': ' || reason, ''), ', ' order by id) as v from outrider.campaign_events"
            ))
        #expect(
            try events[0].string("v")
                == "created, load begun, loaded, load begun: to be sure, loaded, started: agreed, paused, resumed, canceled"
        )
        await pool.close()
    }

    @Test(
        "the course is drawn into a file, once there is one; and a preview made for the page's people is that of the command"
    )
    func course() async throws {
        let chart = folder.appending(path: "spring.svg").path()
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello {{name}}")
        let early = try await campaign("report", "spring", "--chart", chart)
        #expect(early.status == 65 && early.errors.contains("a course takes two minutes"))
        try await pool.run(
            script:
                "insert into outrider.campaign_minutes values (1, '2026-11-26 10:00Z', 5, 5, 0), (1, '2026-11-26 10:02Z', 5, 5, 9)"
        )
        #expect(try await campaign("report", "spring", "--chart", chart).status == 0)
        let drawn = try String(contentsOfFile: chart, encoding: .utf8)
        #expect(
            drawn.hasPrefix("<?xml") && drawn.contains("points=\"56,230 502,230 948,30\"")
                && drawn.hasSuffix("</svg>\n"))
        #expect(try await campaign("report", "spring", "--chart", folder.path()).status == 74)
        #expect(try await campaign("report", "spring", "--chart", chart, "--people").status == 64)
    }

    @Test("an application's login steers its own campaigns by the same commands, and sees no other tenant's")
    func application() async throws {
        let login = "shop_\(UInt32.random(in: 0...UInt32.max))"
        try await pool.run(
            script: """
                create role \(login) login in role outrider_app;
                insert into outrider.tenant_roles (role_name, tenant) values ('\(login)', 'shop');
                create schema shop authorization \(login);
                select outrider.create_campaign('theirs', channel => 'sms', body => 'x')
                """)
        let owner = try #require(program.environment["OUTRIDER_DATABASE_URL"])
        var parts = try #require(URLComponents(string: owner))
        (parts.user, parts.password) = (login, nil)
        let shop = Program(environment: ["OUTRIDER_DATABASE_URL": try #require(parts.string)])
        let own = PostgresPool(PostgresConfiguration(url: try #require(parts.string), poolSize: 1))
        try await own.run(
            script: """
                create table shop.members as select 1 as key, '+15550000101' as phone, 'Ann' as name;
                grant usage on schema shop to outrider_worker; grant select on shop.members to outrider_worker
                """)
        await own.close()
        let people = try file("people.csv", "phone,name\n+15550000102,Ben\n")
        for arguments in [
            ["create", "spring", "--channel", "sms", "--body", "Hello {{name}}", "--audience", "shop.members"],
            ["preview", "spring"], ["preview", "spring", people], ["load", "spring", people], ["start", "spring"],
            ["pause", "spring", "--reason", "wait"], ["resume", "spring"], ["retry", "spring"], ["report", "spring"],
            ["report", "spring", "--people"], ["list", "--json"], ["cancel", "spring"],
        ] {
            let result = try await shop.run(["campaign"] + arguments)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            #expect(!result.output.contains("theirs"))
        }
        let others = try await shop.run("campaign", "pause", "theirs", "--tenant", "default")
        #expect(others.status == 65 && others.errors.contains("tenant_must_be_your_own"))
        await pool.close()
    }

    @Test("with --all-or-none one bad line keeps everybody out, and is named")
    func allOrNone() async throws {
        let people = try file("people.csv", Self.csv)
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello {{name}}")
        let load = try await campaign("load", "spring", people, "--all-or-none")
        #expect(load.status == 65 && load.output.isEmpty)
        #expect(load.errors.hasSuffix("outrider: 2 lines are bad: nobody was loaded\n"))
        #expect(try await pool.fetch(Statement(name: "test.jobs", sql: "select from outrider.jobs")).isEmpty)
        // Also one that only the database knows to be bad.
        let strange = try file("strange.csv", "phone,time_zone\n+15550000101,UTC\n+15550000102,Mars/Phobos\n")
        let refused = try await campaign("load", "spring", strange, "--all-or-none")
        #expect(refused.status == 65 && refused.errors.contains("line 3: column time_zone must be known"))
        #expect(try await pool.fetch(Statement(name: "test.loads", sql: "select from outrider.campaign_loads")).isEmpty)
        let good = try file("good.csv", "phone,name\n+15550000101,Ann\n")
        #expect(try await campaign("load", "spring", good, "--all-or-none").status == 0)
        await pool.close()
    }

    @Test(
        "a file that cannot be told apart into rows ends the load, which is kept as failed and can be repeated",
        arguments: ["name\nAnn\n", "phone,name\n+15550000101,\"Ann\n"])
    func broken(_ text: String) async throws {
        let people = try file("people.csv", text)
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello")
        let load = try await campaign("load", "spring", people)
        #expect(load.status == 65 && load.errors.contains("audience line"))
        #expect(try await campaign("start", "spring").status == 65)
        #expect(try await campaign("load", "spring", try file("good.csv", "phone\n+15550000101\n")).status == 0)
        #expect(try await campaign("start", "spring").output == "started\n")
        await pool.close()
    }

    @Test(
        "what cannot be is refused with the rule and the remedy",
        arguments: [
            (["start", "winter"], 65, "campaign_must_exist"), (["start", "spring"], 65, "campaign_has_nobody"),
            (["load", "spring"], 65, "campaign_has_no_audience"),
            (["resume", "spring"], 65, "campaign_must_be_paused"),
            (["rate", "winter", "10"], 65, "campaign_must_exist"),
            (["rate", "spring", "0"], 64, "from 0.001 to 10000"),
            (["rate", "spring", "fast"], 64, "from 0.001 to 10000"), (["rate", "spring", "nan"], 64, "or none"),
            (["rate", "spring"], 64, "per-second"), (["rate", "spring", "10", "--reason", " "], 64, "--reason"),
            (["pause", "spring"], 65, "campaign_must_run"), (["report", "winter"], 65, "no campaign of this name"),
            (["load", "spring", "/nowhere.csv"], 65, "cannot be read"),
            (["load", "spring", "/"], 65, "cannot be read on"),
            (["create", "spring", "--channel", "sms", "--body", "x"], 65, "campaign_name_is_taken"),
            (["create", "new", "--channel", "sms", "--body", "x", "--audience", "crm.x"], 65, "audience_must_exist"),
            (["create", "new", "--channel", "sms"], 64, "--template"),
            (["create", "new", "--body", "x"], 64, "--ladder"),
            (["load", "spring", "-", "--all-or-none"], 64, "needs a file"),
            (["pause", "spring", "--reason", " "], 64, "--reason"),
            (["list", "--limit", "0"], 64, "--limit"), (["report", "spring", "--failed"], 64, "--people"),
        ] as [([String], Int32, String)])
    func refused(_ arguments: [String], _ status: Int32, _ word: String) async throws {
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello")
        let result = try await program.run(["campaign"] + arguments)
        #expect(result.status == status && result.errors.contains(word), "\(result)")
        await pool.close()
    }

    @Test("a campaign is slowed down and let go by one command each, and its report says who did it and why")
    func rate() async throws {
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello")
        #expect(
            try await campaign("rate", "spring", "2.50", "--reason", "a full hall").output == "at most 2.5 a second\n")
        let lifted = try await campaign("rate", "spring", "none", "--json")
        #expect(
            lifted.output.contains("\"did\" : \"rate\"") && lifted.output.contains("no limit of its own"), "\(lifted)")
        let report = try await campaign("report", "spring", "--json")
        for words in ["rate set to 2.5 a second", "a full hall", "rate lifted"] {
            #expect(report.output.contains(words), "\(report)")
        }
        #expect(try await campaign("cancel", "spring").status == 0)
        let late = try await campaign("rate", "spring", "5")
        #expect(late.status == 65 && late.errors.contains("campaign_must_not_be_over"), "\(late)")
        await pool.close()
    }

    @Test("a file comes through standard input, line by line")
    func standardInput() async throws {
        _ = try await campaign("create", "spring", "--channel", "sms", "--body", "Hello")
        let rows = (0..<12_000).map { "+1555\(1_000_000 + $0)" }.joined(separator: "\n")
        let path = try file("people.csv", "phone\n\(rows)\n")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "'\(Program.path.path())' campaign load spring - --json < '\(path)' > '\(path).out'"]
        shell.environment = program.environment
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(try String(contentsOfFile: "\(path).out", encoding: .utf8).contains("\"added\" : 12000"))
        await pool.close()
    }
}
