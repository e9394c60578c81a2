import Postgres
import Testing

@Suite("The README's examples", .timeLimit(.minutes(5)))
struct ExampleTests {
    @Test("every SQL example runs as it stands, one after the other")
    func blocks() async throws {
        let database = try await ScratchDatabase()
        let blocks = try Readme().blocks("sql")
        try #require(blocks.count >= 4)
        try await database.addAudience()
        for block in blocks {
            await #expect(throws: Never.self, "\(block)") { try await database.operations.run(script: block) }
        }
        #expect(try await database.count("outrider.jobs") > 5)
        await database.close()
    }

    @Test("the campaign run twice asks once")
    func campaign() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.operations.run(script: try Readme.file("ops/examples/campaign-template.sql"))
        let campaign = try Readme.file("ops/examples/campaign.sql")
        try await database.application.run(script: campaign)
        let asked = try await database.count("outrider.jobs")
        #expect(asked == (try await database.count("shop.people WHERE wants_offers")))
        #expect(asked > 0)
        try await database.application.run(script: campaign)
        #expect(try await database.count("outrider.jobs") == asked)
        #expect(try await database.count("outrider.due") == asked)
        await database.close()
    }

    @Test("the example logins can be made, and the application's may ask")
    func roles() async throws {
        let database = try await ScratchDatabase()
        let script = try Readme.file("ops/roles.sql")
        // Logins belong to the whole server: undone with the transaction.
        try await database.superuser.run(
            script: """
                BEGIN; \(script)
                SET LOCAL SESSION AUTHORIZATION shop;
                INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15005550006', 'Hi');
                ROLLBACK
                """)
        await database.close()
    }
}
