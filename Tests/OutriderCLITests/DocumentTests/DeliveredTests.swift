import Foundation
import Postgres
import Testing

/// Every example that asks for a message is typed as it stands, and the message arrives: at the sandbox, by the built worker.
@Suite("The documents' examples reach people", .timeLimit(.minutes(5)))
struct DeliveredTests {
    @Test("what the front page asks for is delivered")
    func readme() async throws {
        let stand = try await Stand()
        let document = try Document.readme
        try await stand.type(document.psqlCommands + document.blocks("sql"))
        #expect(try await stand.close() == 1)
    }

    @Test("what the SQL contract asks for is delivered")
    func contract() async throws {
        let stand = try await Stand()
        let document = try Document.contract
        // The senders of the front page, before the first example; then everybody's table that an example reads.
        try await stand.type(Document.readme.psqlCommands)
        try await stand.database.addAudience()
        let operators = try #require(document.blocks("sql").first { $0.contains("insert into outrider.senders") })
        // Its senders are other ones, and take the place of the first.
        try await stand.type(["delete from outrider.senders", operators])
        try await stand.type(document.blocks("sql").filter { $0 != operators })
        try await stand.copy(document.blocks("sh"))
        // Two asked for, one engineer, one retry, three of campaigns, two people of the shop, two of a file.
        #expect(try await stand.close() == 11)
    }

    @Test("what the operator's document and the program's help ask for is delivered")
    func commands() async throws {
        let stand = try await Stand()
        try await stand.type(Document.readme.psqlCommands)
        // What the help takes for granted: a template of this name, filled by that data.
        try await stand.type([
            """
            insert into outrider.templates (name, channel, subject, body)
            select 'outage', channel, 'Outage', '{{site}}: the pump has stopped.' from unnest('{sms,voice,email}'::text[]) channel
            """
        ])
        var examples = try Document.operations.blocks("sh").filter { $0.contains("outrider enqueue") }
        for command in ["enqueue", "up"] {
            examples += Self.examples(in: try await Program().run(command, "--help").output)
        }
        try #require(examples.count == 4)
        for example in examples { try await stand.enqueue(example) }
        #expect(try await stand.close() == 4)
    }

    @Test("the campaign of the examples is delivered to those who want offers")
    func campaign() async throws {
        let stand = try await Stand()
        try await stand.type(Document.readme.psqlCommands)
        try await stand.database.addAudience()
        try await stand.type([try Document.file("ops/examples/campaign-template.sql")])
        try await stand.type([try Campaign.script(begins: "-2 days", ends: "2 days")], by: stand.database.application)
        #expect(try await stand.close() == 2)
    }

    @Test("no example of the help is wider than the 80 columns at which help is broken, so each can be pasted")
    func width() async throws {
        struct Dump: Decodable {
            struct Command: Decodable {
                let discussion: String?
                let subcommands: [Command]?
            }
            let command: Command
        }
        let printed = try await Program().run("--experimental-dump-help").output
        let top = try JSONDecoder().decode(Dump.self, from: Data(printed.utf8)).command
        let discussions = ([top] + (top.subcommands ?? [])).compactMap(\.discussion)
        try #require(discussions.count > 10)
        let examples = discussions.flatMap { $0.split(separator: "\n") }.filter { line in
            line.hasPrefix(" ") || line.hasPrefix("Example")
        }
        for line in examples { #expect(line.count <= 80, "\(line)") }
    }

    /// `outrider enqueue …` in a command's help, with the lines that it goes on in.
    private static func examples(in help: String) -> [String] {
        help.matches(of: #/[A-Z_=…]* ?outrider enqueue --(?:[^\n]*\\\n)*[^\n]*/#).map { String($0.output) }
    }
}

/// campaign.sql with other days in the place of its own.
enum Campaign {
    static func script(begins: String, ends: String) throws -> String {
        let script = try Document.file("ops/examples/campaign.sql")
        var result = script
        for (day, offset) in [("timestamp '2027-03-20 10:00'", begins), ("timestamp '2027-03-20 20:00'", ends)] {
            guard result.contains(day) else { throw Document.NotFound(description: "campaign.sql has no \(day)") }
            result = result.replacing(day, with: "(now() at time zone 'UTC' + interval '\(offset)')")
        }
        return result
    }
}

extension Document {
    /// The SQL that a shell example hands to psql; a `\` begins a command of psql's own, which needs a file.
    var psqlCommands: [String] {
        blocks("sh").flatMap { block in
            block.matches(of: #/psql [^"\n]*-c "([^"]+)"/#).map { String($0.1) }.filter { !$0.hasPrefix("\\") }
        }
    }
}

/// A database, the sandbox and a worker: what an example needs to reach anybody.
private struct Stand {
    let database: ScratchDatabase
    private let sandbox: RunningProgram
    private let worker: RunningProgram
    private let environment: [String: String]

    init() async throws {
        database = try await ScratchDatabase()
        sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0", "--time-scale", "50")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        environment = Program.settings(in: printed).merging(["OUTRIDER_DATABASE_URL": database.url]) { $1 }
        worker = try Program(environment: environment).start("work")
    }

    /// Runs each script, and waits until all it asked for has ended.
    func type(_ scripts: [String], by pool: PostgresPool? = nil) async throws {
        for script in scripts {
            try await (pool ?? database.operations).run(script: script)
            try await settle()
        }
    }

    /// The example's shell line, with the built program for `outrider` and the database in the place of `…`.
    func enqueue(_ example: String) async throws {
        let line = example.replacing("…", with: database.url)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-ec", "outrider() { \"$OUTRIDER_BIN\" \"$@\"; }\n\(line)"]
        shell.environment = environment.merging(["OUTRIDER_BIN": Program.path.path()]) { $1 }
        shell.standardOutput = FileHandle.nullDevice
        try await Self.run(shell, example)
        try await settle()
    }

    /// The `\copy` of a shell example, with a file of two people for `recipients.csv` and this database for `app`.
    func copy(_ blocks: [String]) async throws {
        let block = try #require(blocks.first { $0.contains("\\copy") })
        let file = FileManager.default.temporaryDirectory.appending(path: "recipients-\(UUID()).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        try "channel,address,body,idempotency_key\nsms,+15000000011,Hi,a\nsms,+15000000012,Hi,b\n"
            .write(to: file, atomically: true, encoding: .utf8)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [
            "-ec",
            block.replacing("psql app", with: "psql '\(database.url)'").replacing("recipients.csv", with: file.path()),
        ]
        shell.standardOutput = FileHandle.nullDevice
        try await Self.run(shell, block)
        try await settle()
    }

    private static func run(_ process: Process, _ example: String) async throws {
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0, "\(example)")
    }

    /// Waits until every job has ended or is held.
    private func settle() async throws {
        let open = Statement(
            name: "documents.open",
            sql: """
                SELECT count(*) AS count, pg_sleep(0.05)::text FROM outrider.jobs j
                 WHERE NOT EXISTS (SELECT FROM outrider.events e WHERE e.job_id = j.id AND e.kind IN ('outcome', 'held'))
                """)
        let deadline = ContinuousClock.now + .seconds(60)
        while try await database.superuser.fetch(open)[0].int("count") > 0 {
            try #require(ContinuousClock.now < deadline, "a message that an example asked for has not arrived")
        }
    }

    /// How many jobs there were. All of them must have been delivered.
    func close() async throws -> Int {
        let ends = Statement(
            name: "documents.ends",
            sql: """
                SELECT s.id, concat_ws(' ', s.state, s.outcome, s.channel, s.reason) AS end, s.outcome = 'delivered' AS arrived
                  FROM outrider.job_status s ORDER BY s.id
                """)
        let rows = try await database.superuser.fetch(ends)
        for row in rows where try row.optionalBool("arrived") != true {
            Issue.record("job \(try row.int("id")): \(try row.string("end"))")
        }
        #expect(await worker.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
        await database.close()
        return rows.count
    }
}
