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
        for block in Self.typed(in: document) + blocks {
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

    /// The SQL that a shell example hands to psql; a `\` begins a command of psql's own, which needs a file.
    private static func typed(in document: Document) -> [String] {
        document.blocks("sh").flatMap { block in
            block.matches(of: #/psql [^"\n]*-c "([^"]+)"/#).map { String($0.1) }.filter { !$0.hasPrefix("\\") }
        }
    }

    @Test("the campaign run twice asks once")
    func campaign() async throws {
        let database = try await ScratchDatabase()
        try await database.addAudience()
        try await database.operations.run(script: try Document.file("ops/examples/campaign-template.sql"))
        let campaign = try Document.file("ops/examples/campaign.sql")
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
