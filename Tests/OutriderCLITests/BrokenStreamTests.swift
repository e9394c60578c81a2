import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("Output that nobody takes", .timeLimit(.minutes(10)))
struct BrokenStreamTests {
    struct Streams: Sendable, CustomTestStringConvertible {
        var redirection = ""
        var reader = RunningProgram.Reader.reads
        var testDescription: String { redirection.isEmpty ? "the reader \(reader)" : redirection }
    }

    static let broken = [
        Streams(redirection: "2>/dev/full"), Streams(redirection: "2>&-"), Streams(redirection: "1>&-"),
        Streams(redirection: "0<&- 1>&- 2>&-"), Streams(redirection: "1>/dev/full"), Streams(reader: .goesAway),
        Streams(reader: .standsStill),
    ]

    @Test("a log that cannot be written stops no message: worker, gateway and sandbox go on", arguments: broken)
    func servers(_ streams: Streams) async throws {
        let stand = try await JobStand()
        // Much to say, so that a pipe nobody reads is full soon.
        let program = stand.program("trace")
        let running = try ["sandbox", "gateway", "work"].map { command in
            try program.start(
                command == "sandbox" ? ["sandbox", "--listen", stand.sandbox, "--time-scale", "20"] : [command],
                redirection: streams.redirection, errors: streams.reader)
        }
        try await stand.waitUntilDelivered()
        if streams.redirection.contains("&-") {
            for program in running {
                for descriptor: Int32 in streams.redirection.hasPrefix("1") ? [1] : [2] {
                    #expect(try program.target(ofDescriptor: descriptor) == "/dev/null")
                }
            }
        }
        let metrics = try await Program.get("http://\(stand.gateway)/metrics").body
        let counts = metrics.split(separator: "\n").first { $0.hasPrefix("outrider_log_lines_dropped_total ") }
        let isLost = streams.redirection.contains("2>") || streams.reader == .goesAway
        #expect((counts != "outrider_log_lines_dropped_total 0") == isLost, "\(counts ?? "")")
        for program in running.reversed() { #expect(await program.terminate() == 0) }
    }

    @Test("a reader of the log that stands still does not freeze a gateway under forged webhooks")
    func stalled() async throws {
        let stand = try await JobStand()
        let gateway = try stand.program("info").start(["gateway"], redirection: "", errors: .standsStill)
        try await stand.waitForGateway()
        // A line each: several times what a pipe holds.
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<300 {
                        _ = try await Program.post(to: "http://\(stand.gateway)/webhooks/twilio/status", "{}")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Program.get("http://\(stand.gateway)/readyz").status == 200)
        #expect(await gateway.terminate() == 0)
    }

    @Test(
        "a command whose output cannot be written ends with 74 and one line",
        arguments: [">/dev/full", ">&-"],
        [
            ["--help"], ["help", "work"], ["--version"], ["--generate-completion-script", "bash"], ["status"],
            ["status", "--json"], ["timeline", "17"], ["timeline", "17", "--json"], ["why", "17"], ["held"], ["doctor"],
            ["doctor", "--json"], ["migrate", "--json"], ["release", "17", "--sent", "--reason", "seen"],
            ["enqueue", "--channel", "sms", "--address", "+15000000001", "--body", "x", "--idempotency-key", "17"],
        ])
    func commands(_ redirection: String, _ arguments: [String]) async throws {
        let database = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                insert into outrider.jobs (id, channel, address, body) values (17, 'sms', '+15005550067', 'x');
                insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id) values
                    (17, 1, 'intent', 'taken', 0, 'sms', 1), (17, 1, 'held', 'held', 0, 'sms', 1)
                """)
        await pool.close()
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": database])
        let result = try await program.run(arguments, redirection: redirection)
        #expect(result.status == 74)
        #expect(result.errors.hasPrefix("outrider: standard output cannot be written: "), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1)
    }
}

/// A database with a job, and addresses for sandbox and gateway.
struct JobStand {
    let database: String
    let gateway: String
    let sandbox: String

    init() async throws {
        gateway = "127.0.0.1:\(try await Program.freePort())"
        sandbox = "127.0.0.1:\(try await Program.freePort())"
        database = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                insert into outrider.jobs (channel, address, body, category)
                values ('sms', '+15005550010', 'hello', 'otp');
                """)
        await pool.close()
    }

    func program(_ level: String) -> Program {
        var program = Program(environment: SettingsTests.complete)
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": database, "OUTRIDER_PUBLIC_URL": "http://\(gateway)", "OUTRIDER_LISTEN": gateway,
            "TWILIO_API_BASE_URL": "http://\(sandbox)", "SENDGRID_API_BASE_URL": "http://\(sandbox)",
            "OUTRIDER_LOG_LEVEL": level,
        ]) { _, new in new }
        return program
    }

    func waitForGateway() async throws {
        let end = ContinuousClock.now + .seconds(90)
        while try await Program.get("http://\(gateway)/readyz").status != 200 {
            try #require(ContinuousClock.now < end)
        }
    }

    func waitUntilDelivered() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        let ends = Statement(
            name: "test.ends",
            sql: """
                select count(*) as count, pg_sleep(0.05)::text from outrider.events
                 where kind = 'outcome' and code = 'delivered'
                """)
        let end = ContinuousClock.now + .seconds(180)
        while try await pool.fetch(ends)[0].int("count") == 0 { try #require(ContinuousClock.now < end) }
        await pool.close()
        try await waitForGateway()
    }
}
