import Foundation
import Postgres
import Signing
import TestDatabase
import Testing

/// The built program, on contents that nobody reads without the key.
@Suite("Sealing at rest", .timeLimit(.minutes(5)))
struct SealTests {
    private static let keys = ["k1", "k2"].map {
        "\($0):\([UInt8](repeating: $0.utf8.last ?? 0, count: 32).base64Encoded)"
    }
    private static let code = "918273645"
    private static let words = "Zebra-finch \(code)"

    /// A database, the sandbox, and the settings that lead to both.
    private struct Stand {
        let database: String
        let pool: PostgresPool
        let sandbox: RunningProgram
        var program: Program
        let address: String

        init(_ keys: String?) async throws {
            database = try await PostgresServer.migratedDatabase()
            pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
            try await pool.run(
                script: """
                    insert into outrider.senders (name, channel, address) values
                        ('text', 'sms', '+15005550006'), ('mail', 'email', 'hello@example.com');
                    insert into outrider.templates (name, channel, body) values ('login', 'sms', 'Your code is {{code}}.');
                    update outrider.contact_settings set anywhere = true
                    """)
            sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
            let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
            program = Program(environment: Program.settings(in: printed))
            address = try #require(program.environment["TWILIO_API_BASE_URL"])
            program.environment["OUTRIDER_DATABASE_URL"] = database
            program.environment["OUTRIDER_SEAL_KEYS"] = keys
        }

        func enqueue(_ options: String...) async throws -> Program.Result {
            try await program.run(["enqueue", "--json", "--category", "transactional"] + options)
        }

        /// What pg_dump writes of the whole database.
        func dump() throws -> String {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = [
                "-c",
                """
                bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
                [ -n "$bin" ] || bin=$(dirname "$(command -v pg_dump)")
                "$bin/pg_dump" "$1"
                """, "bash", database,
            ]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return process.terminationStatus == 0 ? text : ""
        }

        func close() async {
            await pool.close()
            _ = await sandbox.terminate()
        }
    }

    /// Waits, 30 s at most, until so many jobs have an outcome.
    private static func wait(forOutcomes count: Int, _ pool: PostgresPool) async throws {
        let statement = Statement(
            name: "test.outcomes",
            sql: "select count(*) as n, pg_sleep(0.05)::text from outrider.events where kind = 'outcome'")
        let end = ContinuousClock.now + .seconds(30)
        while try await pool.fetch(statement)[0].int("n") < count { try #require(ContinuousClock.now < end) }
    }

    @Test("what is enqueued with a key stands nowhere in the database, and reaches the person word for word")
    func canary() async throws {
        let stand = try await Stand(Self.keys[0])
        let text = try await stand.enqueue("--channel", "sms", "--address", "+15005550010", "--body", Self.words)
        #expect(text.status == 0 && text.output.contains(#""sealed_with" : "k1""#), "\(text.errors)")
        let mail = try await stand.enqueue(
            "--channel", "email", "--address", "ann@example.com", "--subject", "Zebra-finch", "--body", Self.words)
        let template = try await stand.enqueue(
            "--channel", "sms", "--address", "+15005550011", "--template", "login", "--data",
            #"{"code": "\#(Self.code)"}"#)
        #expect(mail.status == 0 && template.status == 0, "\(mail.errors)\(template.errors)")
        let before = try stand.dump()
        let worker = try stand.program.start("work")
        try await Self.wait(forOutcomes: 1, stand.pool)
        let ledger = try await Self.ledger(stand, until: 3)
        #expect(await worker.terminate() == 0)
        for dump in [before, try stand.dump()] {
            #expect(dump.contains("+15005550010") && dump.contains("v1.k1."))
            for secret in [Self.code, "Zebra-finch"] { #expect(!dump.contains(secret)) }
        }
        #expect(ledger.contains(Self.words) && ledger.contains("Your code is \(Self.code)."), "\(ledger)")
        #expect(!ledger.contains("v1.k1."))
        #expect(!worker.printedErrors.contains(Self.code) && !worker.printedErrors.contains("Zebra"))
        await stand.close()
    }

    /// What the providers have taken, once that is so many messages.
    private static func ledger(_ stand: Stand, until count: Int) async throws -> String {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let page = try await Program.get("\(stand.address)/sandbox/ledger").body
            let entries =
                (try JSONSerialization.jsonObject(with: Data(page.utf8)) as? [String: Any])?["entries"] as? [Any]
            if let entries, entries.count >= count { return page }
            try #require(ContinuousClock.now < end, "\(page)")
            _ = try await stand.pool.fetch(Statement(name: "test.pause", sql: "select pg_sleep(0.05)::text"))
        }
    }

    @Test("without a key nothing is sealed; with one, what the table would refuse is refused by the same name")
    func enqueue() async throws {
        var stand = try await Stand(nil)
        let clear = try await stand.enqueue("--channel", "sms", "--address", "+15005550010", "--body", "x")
        #expect(clear.status == 0 && !clear.output.contains("sealed"))
        stand.program.environment["OUTRIDER_SEAL_KEYS"] = Self.keys[0]
        let wrong = [
            (["--channel", "sms", "--body", " "], "body_must_not_be_blank"),
            (["--channel", "email", "--body", "x"], "email_needs_a_subject_or_a_template"),
            (["--channel", "sms", "--template", "login", "--data", "[]"], "data_must_be_a_json_object"),
        ]
        for (options, rule) in wrong {
            let result = try await stand.program.run(["enqueue", "--address", "ann@example.com"] + options)
            #expect(result.status == 65 && result.errors.contains("refused by the rule \(rule)"), "\(result.errors)")
        }
        stand.program.environment["OUTRIDER_SEAL_KEYS"] = "k1:c2hvcnQ="
        let short = try await stand.enqueue("--channel", "sms", "--address", "+15005550010", "--body", "x")
        #expect(short.status == 78 && short.errors.contains("OUTRIDER_SEAL_KEYS is malformed"))
        #expect(!short.errors.contains("c2hvcnQ") && short.errors.contains("openssl rand -base64 32"))
        await stand.close()
    }

    @Test(
        "seal status tells by key what waits and what is kept, doctor names a key that is missing, and an export opens")
    func operators() async throws {
        var stand = try await Stand(Self.keys[0])
        _ = try await stand.enqueue("--channel", "sms", "--address", "+15005550010", "--body", Self.words)
        stand.program.environment["OUTRIDER_SEAL_KEYS"] = Self.keys.reversed().joined(separator: ",")
        _ = try await stand.enqueue(
            "--channel", "sms", "--address", "+15005550010", "--template", "login", "--data", #"{"code": 12.50}"#)
        try await stand.pool.run(
            script:
                "insert into outrider.events (job_id, generation, kind, status, code) values (1, 0, 'outcome', 'ended', 'delivered')"
        )
        let status = try await stand.program.run("seal", "status", "--json")
        let keys = try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: [[String: Any]]]
        let uses = (keys?["keys"] ?? []).map {
            "\($0["key"] ?? "") \($0["waiting"] ?? "") \($0["ended"] ?? "") \($0["use"] ?? "")"
        }
        #expect(uses == ["k2 1 0 seals", "k1 0 1 for exports"], "\(status.errors)")
        let export = try await stand.program.run("export", "+15005550010", "--reason", "letter")
        #expect(
            export.output.contains(#""body":"\#(Self.words)""#) && export.output.contains(#""data":{"code":12.50}"#),
            "\(export.output)")
        #expect(!export.output.contains("v1.k"))
        let fine = try await stand.program.run("doctor", "--of", "work").output
        #expect(fine.contains("ok      sealing: what `outrider enqueue` takes is sealed with the key k2; k1 opens too"))
        stand.program.environment["OUTRIDER_SEAL_KEYS"] = Self.keys[0]
        let doctor = try await stand.program.run("doctor", "--of", "work").output
        #expect(doctor.contains("FAILED  sealing: 1 or more jobs that wait are sealed with the key k2"), "\(doctor)")
        let half = try await stand.program.run("export", "+15005550010", "--reason", "letter")
        #expect(half.errors.contains("1 content(s) are sealed with the key k2"))
        #expect(
            half.output.contains("with the key k2, which OUTRIDER_SEAL_KEYS does not have")
                && half.output.contains(Self.code))
        stand.program.environment["OUTRIDER_SEAL_KEYS"] = nil
        #expect(
            try await stand.program.run("doctor", "--of", "work").output.contains(
                "is not set: what is enqueued is stored as it stands"))
        #expect(try await stand.program.run("seal", "status").output.contains("missing"))
        await stand.close()
    }
}
