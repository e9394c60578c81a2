import Foundation
import Postgres
import Testing

@Suite("The documents' examples", .timeLimit(.minutes(5)))
struct ExampleTests {
    @Test(
        "every SQL example runs as it stands, one after the other",
        arguments: [("README.md", 1), ("sql/README.md", 4), ("ops/README.md", 4)])
    func blocks(_ path: String, atLeast count: Int) async throws {
        let database = try await ScratchDatabase()
        let document = try Document(path)
        let blocks = document.blocks("sql")
        try #require(blocks.count >= count)
        try await database.addAudience()
        for block in document.psqlCommands + blocks {
            await #expect(throws: Never.self, "\(path): \(block)") {
                try await database.operations.run(script: block)
            }
        }
        if path == "sql/README.md" { #expect(try await database.count("outrider.jobs") > 5) }
        // A provider refuses a sender that writes to itself (21266), so such an example never arrives.
        let selfSends = "outrider.jobs j JOIN outrider.senders s ON s.address IN (j.address, j.phone, j.email)"
        #expect(try await database.count(selfSends) == 0, "\(path) has a sender that writes to itself")
        await database.close()
    }

    @Test("the program's examples do not send to the numbers that it sends from")
    func programExamples() throws {
        let number = #/\+1500555[0-9]{4}/#
        let development = "sql/statements/insert_development_senders.sql"
        let senders = Set(try Document.file(development).matches(of: number).map { String($0.output) })
        try #require(!senders.isEmpty)
        let help = try ["Enqueue", "JobOptions", "Up"].map {
            try Document.file("Sources/OutriderCLI/Commands/\($0).swift")
        }
        let commands = try Document.paths.flatMap { try Document($0).blocks("sh") }.joined(separator: "\n")
            .split(separator: "\n").filter { $0.contains("outrider enqueue") }.joined(separator: "\n")
        let recipients = (help + [commands]).flatMap { $0.matches(of: number).map { String($0.output) } }
        try #require(recipients.count > 2)
        #expect(senders.isDisjoint(with: recipients))
    }

    @Test("the schedule run twice is one schedule, and fires for those who want offers")
    func schedule() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        for _ in 1...2 { try await database.application.run(script: try Document.file("ops/examples/schedule.sql")) }
        #expect(try await database.count("outrider.schedules WHERE name = 'weekly-offer'") == 1)
        try await database.application.run(script: "select outrider.trigger_schedule('weekly-offer')")
        #expect(try await database.count("outrider.schedule_fires WHERE outcome = 'fired'") == 1)
        let made = """
            outrider.campaign_definitions d JOIN outrider.campaigns c ON c.id = d.campaign_id
             WHERE c.name LIKE 'weekly-offer/%' AND c.state = 'running' AND d.audience = 'shop.offer_audience'
               AND d.not_after BETWEEN now() + interval '9 hours' AND now() + interval '10 hours'
            """
        #expect(try await database.count(made) == 1)
        await database.close()
    }

    @Test("the campaign run twice asks once")
    func campaign() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.operations.run(script: try Document.file("ops/examples/campaign-template.sql"))
        let campaign = try Campaign.script(begins: "-2 days", ends: "2 days")
        try await database.application.run(script: campaign)
        let asked = try await database.count("outrider.jobs")
        #expect(asked == (try await database.count("shop.people WHERE wants_offers")))
        #expect(asked > 0)
        try await database.application.run(script: campaign)
        #expect(try await database.count("outrider.jobs") == asked)
        try await database.superuser.run(script: "select outrider.feed_campaign(id) from outrider.campaigns")
        #expect(try await database.count("outrider.due") == asked)
        await database.close()
    }

    @Test("each person is written to in the hours of their own zone, whenever the campaign is asked for before")
    func campaignHours() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.superuser.run(script: "UPDATE shop.people SET wants_offers = true")
        try await database.operations.run(script: try Document.file("ops/examples/campaign-template.sql"))
        // As it stands, but for the year: the third Saturday of some March to come.
        let year = Calendar(identifier: .gregorian).component(.year, from: .now) + 1
        let script = try Document.file("ops/examples/campaign.sql").replacing("'2027-03-20 ", with: "'\(year)-03-20 ")
        try await database.application.run(script: script)
        let hours = Statement(
            name: "documents.hours",
            sql: """
                SELECT string_agg(concat_ws(' ', time_zone, to_char(run_at AT TIME ZONE time_zone, 'MM-DD HH24:MI'),
                                            to_char(expires_at AT TIME ZONE time_zone, 'HH24:MI')), ', ' ORDER BY run_at) AS hours
                  FROM outrider.jobs
                """)
        #expect(
            try await database.superuser.fetch(hours)[0].string("hours")
                == "Asia/Tokyo 03-20 10:00 20:00, Europe/Berlin 03-20 10:00 20:00, America/New_York 03-20 10:00 20:00")
        await database.close()
    }

    @Test("a campaign whose window is past is refused as a whole, and a late run asks with what is left of it")
    func campaignLate() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.operations.run(script: try Document.file("ops/examples/campaign-template.sql"))
        await #expect {
            try await database.application.run(script: try Campaign.script(begins: "-3 months", ends: "-2 days"))
        } throws: { error in
            guard case .server(_, _, let constraint) = error as? PostgresError else { return false }
            return constraint == "expires_at_must_be_after_run_at"
        }
        #expect(try await database.count("outrider.jobs") == 0)
        try await database.application.run(script: try Campaign.script(begins: "-2 days", ends: "2 days"))
        let late = "outrider.jobs WHERE run_at BETWEEN now() - interval '1 minute' AND now()"
        #expect(try await database.count(late) == 2)
        #expect(try await database.count("outrider.jobs WHERE expires_at < now() + interval '3 days'") == 2)
        await database.close()
    }

    @Test("the example of pg_cron asks as campaign.sql does")
    func campaignInside() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.operations.run(script: try Document.file("ops/examples/campaign-template.sql"))
        let script = try Document.file("ops/examples/pg_cron.sql")
        let start = try #require(script.firstRange(of: "create procedure"))
        let end = try #require(script.firstRange(of: "-- As the application's login"))
        let procedure = String(script[start.lowerBound..<end.lowerBound])
        try await database.superuser.run(
            script: procedure.replacing("timestamp '2027-03-20 ", with: "timestamp '2199-03-20 "))
        for _ in 1...2 { try await database.application.run(script: "call shop.ask_spring_offer()") }
        #expect(try await database.count("outrider.jobs") == 2)
        await database.close()
    }

    @Test("the example logins can be made, and the application's may ask")
    func roles() async throws {
        let database = try await ScratchDatabase()
        let script = try Document.file("ops/roles.sql")
        // Logins belong to the whole server: undone with the transaction.
        try await database.superuser.run(
            script: """
                BEGIN; \(script)
                SET LOCAL SESSION AUTHORIZATION shop;
                INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15005550010', 'Hi');
                ROLLBACK
                """)
        await database.close()
    }
}
