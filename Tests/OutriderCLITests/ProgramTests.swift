import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("The program", .timeLimit(.minutes(5)))
struct ProgramTests {
    @Test("help and version go to standard output and exit with 0")
    func help() async throws {
        let help = try await Program().run("--help")
        #expect(help.status == 0)
        for command in [
            "migrate", "work", "gateway", "sandbox", "up", "status", "timeline", "why", "held", "release", "enqueue",
            "doctor",
        ] {
            #expect(help.output.contains("  \(command) "), "\(command)")
        }
        #expect(try await Program().run("--version").output == "0.1.0\n")
    }

    @Test("an unknown command exits with 64, missing settings with 78 and one message that names them")
    func wrongCalls() async throws {
        #expect(try await Program().run("sned").status == 64)
        let work = try await Program().run("work")
        #expect(work.status == 78)
        #expect(work.output == "")
        for name in ["OUTRIDER_DATABASE_URL", "TWILIO_ACCOUNT_SID"] {
            #expect(work.errors.contains(name), "\(work.errors)")
        }
        let gateway = try await Program().run("gateway")
        #expect(gateway.status == 78)
        #expect(gateway.errors.contains("OUTRIDER_PUBLIC_URL is missing"))
    }

    @Test("a database that is not there exits with 69, and its password stays hidden")
    func noDatabase() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": "postgresql://u:hunter2secret@127.0.0.1:1/x"])
        let result = try await program.run("status")
        #expect(result.status == 69)
        #expect(!result.errors.contains("hunter2secret"))
    }

    @Test("migrate, enqueue, status and timeline work on an empty database")
    func firstSteps() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": try await PostgresServer.freshDatabase()])
        let early = try await program.run("enqueue", "--channel", "sms", "--address", "+15000000001", "--body", "early")
        #expect(early.status == 65)
        #expect(early.errors.contains("outrider migrate"))

        #expect(try await program.run("migrate").output.hasPrefix("applied 1 schema\n"))
        let again = try await program.run("migrate")
        #expect(again.status == 0)
        #expect(again.output == "")

        let arguments = [
            "--channel", "sms", "--address", "+15000000001", "--body", "hello", "--idempotency-key", "one",
        ]
        let first = try await program.run(["enqueue"] + arguments)
        let id = try #require(Int(first.output.dropLast()))
        let second = try await program.run(["enqueue", "--json"] + arguments)
        #expect(second.output.contains(#""id" : \#(id)"#))
        #expect(second.output.contains(#""is_new" : false"#))

        let refused = try await program.run(
            "enqueue", "--channel", "sms", "--address", "15000000001", "--body", "hello")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("address_must_be_e164_for_sms_voice_and_whatsapp"))
        #expect(!refused.errors.contains("15000000001"))

        let status = try await program.run("status", "--json")
        let summary = try #require(try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
        #expect((summary["recent_jobs"] as? [Any])?.count == 1)
        #expect(try await program.run("status").output.contains("█ 1"))

        #expect(try await program.run("timeline", String(id)).output.contains("asked"))
        #expect(try await program.run("timeline", "999").status == 66)
        #expect(try await program.run("why", "999").status == 66)
    }

    @Test("a list says scheduled as the counts do, times name their zone, and a code is said in words")
    func words() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        try await pool.run(
            script: """
                do $$ begin execute format('alter database %I set timezone = "Asia/Tokyo"', current_database()); end $$;
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                insert into outrider.jobs (id, channel, address, body, run_at)
                values (16, 'sms', '+15005550067', 'x', '2150-01-01 00:00:00+00'),
                       (17, 'sms', '+15005550067', 'x', null);
                insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, code, class)
                values (17, 1, 'intent', 'taken', 0, 'sms', 1, null, null),
                       (17, 1, 'answer', 'accepted', 0, 'sms', 1, null, null),
                       (17, 1, 'receipt', 'failed 30003', 0, 'sms', 1, '30003', 'unreachable')
                """)
        let meaning = Statement(
            name: "test.meaning",
            sql: "select meaning from outrider.error_codes where provider = 'twilio' and code = '30003'")
        let words = try await pool.fetch(meaning)[0].string("meaning")
        await pool.close()
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": url])
        let status = try await program.run("status", "--json")
        let summary = try #require(try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
        let jobs = try #require(summary["recent_jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["state"] as? String } == ["waiting", "scheduled"])
        let later = try await program.run("timeline", "16").output
        #expect(later.contains("not before 2150-01-01 00:00:00 UTC"), "\(later)")
        #expect(later.contains("at (UTC)"))
        let failed = try await program.run("timeline", "17").output
        #expect(failed.contains("code 30003; \(words); class unreachable"), "\(failed)")
        let why = try await program.run("why", "17").output
        #expect(why.contains("failed with 30003 (\(words)): ") && why.split(separator: "\n").count == 1, "\(why)")
        #expect(failed.contains(why))
        let json = try JSONSerialization.jsonObject(
            with: Data(try await program.run("why", "17", "--json").output.utf8))
        #expect((json as? [String: Any])?["why"] as? String == why.trimmingCharacters(in: .newlines))
    }

    @Test("worker and gateway say at their start what they are, and that a login is not theirs; doctor says it too")
    func starts() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        let login = "web_\(UInt32.random(in: 0...UInt32.max))"
        try await pool.run(
            script: """
                create role \(login) login in role outrider_gateway;
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                """)
        await pool.close()
        var program = Program(environment: SettingsTests.complete)
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": url.replacing("postgres@", with: "\(login)@"), "OUTRIDER_LISTEN": "127.0.0.1:0",
            "TWILIO_API_BASE_URL": "http://127.0.0.1:1", "SENDGRID_API_BASE_URL": "http://127.0.0.1:1",
        ]) { _, new in new }
        let gateway = try program.start("gateway")
        let said = try await gateway.waitForError(containing: "Outrider starts")
        for part in ["database=\"PostgreSQL ", "part=gateway", "senders=\"sms 1, voice 0", "version=0.1.0"] {
            #expect(said.contains(part), "\(said)")
        }
        #expect(!said.contains("lacks"))
        try await gateway.waitForError(containing: "Gateway listens")
        #expect(await gateway.terminate() == 0)

        program.environment["OUTRIDER_OPERATOR_DATABASE_URL"] = program.environment["OUTRIDER_DATABASE_URL"]
        let readOnly = try program.start("gateway")
        let warned = try await readOnly.waitForError(containing: "Gateway listens")
        #expect(warned.contains("Nobody can act on the page") && warned.contains("this login lacks outrider_operator"))
        #expect(await readOnly.terminate() == 0)

        let worker = try program.start("work")
        let refused = try await worker.waitForError(containing: "Outrider starts")
        #expect(refused.contains("this login lacks outrider_worker; it has outrider_gateway"), "\(refused)")
        #expect(refused.contains("concurrency=64"))
        _ = await worker.terminate()
        #expect(
            try await program.run("doctor", "--of", "work").output.contains(
                "FAILED  roles: this login lacks outrider_worker; it has outrider_gateway"))
        #expect(try await program.run("doctor", "--of", "gateway").output.contains("ok      roles:"))
    }

    @Test("a gateway whose database is down says so at once, and a missing role in PostgreSQL's own words")
    func silence() async throws {
        var program = Program(environment: SettingsTests.complete)
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OUTRIDER_LISTEN": "127.0.0.1:0",
        ]) { _, new in new }
        let start = ContinuousClock.now
        let gateway = try program.start("gateway")
        try await gateway.waitForError(containing: "The database does not answer yet")
        #expect(.now - start < .seconds(4), "well before the five seconds for which it is waited for")
        try await gateway.waitForError(containing: "Gateway listens")
        #expect(await gateway.terminate() == 0)
        program.environment["OUTRIDER_DATABASE_URL"] = try await PostgresServer.migratedDatabase().replacing(
            "postgres@", with: "nobody_of_this_name@")
        let status = try await program.run("status")
        #expect(status.status == 69)
        #expect(
            status.errors.hasPrefix(
                "outrider: the database refused the login: role \"nobody_of_this_name\" does not exist. Make the login"),
            "\(status.errors)")
    }

    @Test("held lists what waits for a person with the evidence, release decides it once and is audited")
    func heldAndRelease() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": url])
        let empty = try await program.run("held")
        #expect(empty.status == 0)
        #expect(empty.errors.contains("No job waits for a person."))
        #expect(try await program.run("release", "17", "--sent", "--reason", "x").status == 66)
        try await Self.addHeldJob(to: url)

        let held = try await program.run("held")
        #expect(held.status == 0)
        for part in [
            "job 17", "transactional", "attempt 1, step 0, sms, to +1…67, by text", "why: nobody can say",
            "answer: unknown", "timed_out", "reconciled: listing 1", "reconciled: listing 2", "worker w1",
        ] {
            #expect(held.output.contains(part), "\(part) in \(held.output)")
        }
        #expect(!held.output.contains("+15005550067") && !held.output.contains("secret text"))
        let list = try await program.run("held", "--json", "--limit", "1")
        let jobs = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
        #expect(jobs.map { $0["job"] as? Int } == [17])
        #expect((jobs.first?["evidence"] as? [Any])?.count == 4)

        let released = try await program.run("release", "17", "--not-sent", "--reason", "no trace of it", "--json")
        #expect(released.status == 0)
        #expect(released.output.contains(#""ruling" : "not_sent""#))
        #expect(try await program.run("timeline", "17").output.contains("postgres: no trace of it"))
        let again = try await program.run("release", "17", "--sent", "--reason", "found it")
        #expect(again.status == 65)
        #expect(again.errors.contains("job 17 is not held"))
        #expect(try await program.run("held", "--json").output == "[\n\n]\n")
    }

    /// Job 17: a text that was answered with a timeout, listed twice, and held.
    private static func addHeldJob(to database: String) async throws {
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                insert into outrider.jobs (id, channel, address, body, category)
                values (17, 'sms', '+15005550067', 'secret text', 'transactional');
                delete from outrider.due;
                insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, worker, reason) values
                    (17, 1, 'intent', 'taken', 0, 'sms', 1, 'w1', null),
                    (17, 1, 'answer', 'unknown', 0, 'sms', 1, 'w1', 'timed_out'),
                    (17, 1, 'reconciled', 'listing 1', 0, 'sms', 1, 'w2', 'the provider''s listing does not show it'),
                    (17, 1, 'reconciled', 'listing 2', 0, 'sms', 1, 'w2', 'the provider''s listing does not show it'),
                    (17, 1, 'held', 'held', 0, 'sms', 1, 'w2', 'nobody can say whether it was sent')
                """)
        await pool.close()
    }

    @Test("doctor says whether people can act on the page: by a login of their own that may, in the gateway's database")
    func operatorLogin() async throws {
        let url = try await PostgresServer.migratedDatabase()
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        let tag = UInt64.random(in: 0...UInt64.max)
        try await admin.run(
            script: """
                create role web_\(tag) login in role outrider_gateway; create role page_\(tag) login in role outrider_operator;
                create role both_\(tag) login in role outrider_gateway, outrider_operator
                """)
        await admin.close()
        func login(_ user: String, _ database: String) throws -> String {
            var parts = try #require(URLComponents(string: database))
            (parts.user, parts.password) = ("\(user)_\(tag)", nil)
            return try #require(parts.string)
        }
        let elsewhere = try await PostgresServer.migratedDatabase()
        for (own, page, said) in try [
            (login("web", url), nil, "ok      operator page: reads only"),
            (login("web", url), login("page", url), "ok      operator page: people act by the login page_"),
            (
                login("web", url), login("web", url),
                "FAILED  operator page: the login web_\(tag) lacks outrider_operator"
            ),
            (login("both", url), login("both", url), "look    operator page: people act by the gateway's own login"),
            (login("both", url), login("page", url), "look    operator page: the gateway's own login both_"),
            (
                login("web", url), login("page", elsewhere),
                "FAILED  operator page: OUTRIDER_OPERATOR_DATABASE_URL leads to another"
            ),
        ] {
            var environment = [
                "OUTRIDER_DATABASE_URL": own, "OUTRIDER_PUBLIC_URL": "http://127.0.0.1:9",
                "TWILIO_AUTH_TOKEN": "0123456789",
            ]
            environment["OUTRIDER_OPERATOR_DATABASE_URL"] = page
            let output = try await Program(environment: environment).run(["doctor", "--of", "gateway"]).output
            #expect(output.contains(said), "\(said): \(output)")
        }
    }

    @Test("doctor names what is wrong and what to do, and exits with 1")
    func doctor() async throws {
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": try await PostgresServer.freshDatabase()])
        let result = try await program.run("doctor")
        #expect(result.status == 1)
        #expect(result.output.contains("OUTRIDER_PUBLIC_URL is missing"))
        #expect(result.output.contains("Run `outrider migrate`"))
    }

    @Test("migrate, worker and gateway refuse a schema that is newer than they know, and say what to do")
    func newerSchema() async throws {
        let database = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: "insert into outrider.schema_migrations (number, name, checksum) values (999, 'later', 'x')")
        await pool.close()
        var program = Program(environment: SettingsTests.complete)
        program.environment["OUTRIDER_DATABASE_URL"] = database
        program.environment["OUTRIDER_LISTEN"] = "127.0.0.1:0"
        for command in ["migrate", "work", "gateway", "up"] {
            let result = try await program.run(command)
            #expect(result.status == 65, "\(command)")
            #expect(result.errors.contains("the database is at migration 999"), "\(command)")
            #expect(result.errors.contains("Install the version that migrated the database"), "\(command)")
        }
    }

    @Test("doctor tries the credentials at the providers: right ones, wrong ones, and what is no API")
    func credentials() async throws {
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY")
        var program = Program(environment: Program.settings(in: printed))
        program.environment["OUTRIDER_DATABASE_URL"] = try await PostgresServer.migratedDatabase()
        let right = try await program.run("doctor", "--of", "work").output
        #expect(right.contains("takes the credentials: the key may list messages"))
        #expect(right.contains("takes the credentials: the key may send mail"))
        #expect(right.contains("ok      sending: nothing is known"))
        #expect(
            right.contains(
                "look    unsubscribe: offers by e-mail carry no List-Unsubscribe header: OUTRIDER_PUBLIC_URL and OUTRIDER_LINK_KEY not set"
            ))
        program.environment["TWILIO_API_KEY_SECRET"] = "wrong-secret-wrong-secret"
        program.environment["SENDGRID_API_KEY"] = "SG.wrong.wrong-wrong-wrong-wrong"
        let wrong = try await program.run("doctor", "--of", "work")
        #expect(wrong.status == 1)
        #expect(wrong.output.contains("FAILED  Twilio: 401"))
        #expect(wrong.output.contains("FAILED  SendGrid: 401"))
        #expect(wrong.output.contains("→ Make a new key in SendGrid's settings"))
        program.environment["TWILIO_API_BASE_URL"]? += "/elsewhere"
        #expect(try await program.run("doctor", "--of", "work").output.contains("is not Twilio's API"))
        #expect(await sandbox.terminate() == 0)
    }

    @Test("wrong credentials and a dead provider are in the worker's log within seconds, once each, with the remedy")
    func troubles() async throws {
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY")
        let database = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values
                    ('text', 'sms', '+15005550006'), ('mail', 'email', 'hello@example.com');
                insert into outrider.jobs (channel, address, body, subject, category) values
                    ('sms', '+15000000001', 'x', null, 'otp'), ('email', 'a@example.com', 'x', 'x', 'otp'),
                    ('email', 'b@example.com', 'x', 'x', 'otp'), ('email', 'c@example.com', 'x', 'x', 'otp')
                """)
        await pool.close()
        var program = Program(environment: Program.settings(in: printed))
        program.environment["OUTRIDER_DATABASE_URL"] = database
        program.environment["TWILIO_API_KEY_SECRET"] = "wrong-secret-wrong-secret"
        program.environment["SENDGRID_API_BASE_URL"] = "http://127.0.0.1:1"
        let worker = try program.start("work")
        try await worker.waitForError(containing: "cause=sender_paused")
        try await worker.waitForError(containing: "cause=provider_unreachable")
        #expect(await worker.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }

    @Test("SIGHUP ends a worker as SIGTERM does: it signs off")
    func hangUp() async throws {
        let database = try await PostgresServer.migratedDatabase()
        var program = Program(environment: SettingsTests.complete)
        program.environment["OUTRIDER_DATABASE_URL"] = database
        program.environment["OUTRIDER_METRICS_LISTEN"] = "127.0.0.1:0"
        let worker = try program.start("work")
        try await worker.waitForError(containing: "Metrics listen")
        try await Self.waitForWorker(in: database)
        #expect(await worker.terminate(by: SIGHUP) == 0)
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        let left = Statement(name: "left", sql: "select count(*) as n from outrider.workers")
        #expect(try await pool.fetch(left)[0].int("n") == 0)
        await pool.close()
    }

    @Test("worker and gateway end on SIGTERM with 0")
    func termination() async throws {
        let database = try await PostgresServer.migratedDatabase()
        var program = Program(environment: SettingsTests.complete)
        program.environment["OUTRIDER_DATABASE_URL"] = database
        program.environment["TWILIO_API_BASE_URL"] = "http://127.0.0.1:1"
        program.environment["SENDGRID_API_BASE_URL"] = "http://127.0.0.1:1"
        program.environment["OUTRIDER_LISTEN"] = "127.0.0.1:0"

        let gateway = try program.start("gateway")
        try await gateway.waitForError(containing: "Gateway listens")
        #expect(await gateway.terminate() == 0)

        program.environment["OUTRIDER_METRICS_LISTEN"] = "127.0.0.1:0"
        let worker = try program.start("work")
        try await worker.waitForError(containing: "Metrics listen")
        try await Self.waitForWorker(in: database)
        #expect(await worker.terminate() == 0)
    }

    @Test("the sandbox prints the settings that lead to it, and ends on SIGTERM with 0")
    func sandbox() async throws {
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        let settings = Program.settings(in: printed).merging([
            "OUTRIDER_DATABASE_URL": "postgresql://h/app", "OUTRIDER_PUBLIC_URL": "http://127.0.0.1",
        ]) { first, _ in first }
        #expect(try await SettingsTests.read(settings).problems == [])
        #expect(await sandbox.terminate() == 0)
    }

    @Test("without a public URL a STOP is heard all the same: the worker lists what people wrote")
    func stopWithoutGateway() async throws {
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var program = Program(environment: Program.settings(in: printed))
        let address = try #require(program.environment["TWILIO_API_BASE_URL"])
        let database = try await PostgresServer.migratedDatabase()
        program.environment["OUTRIDER_DATABASE_URL"] = database
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: "insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006')")

        let said = try await Program.post(
            to: "\(address)/sandbox/inbound", #"{"from": "+15000000017", "to": "+15005550006", "body": "Stop"}"#)
        #expect(said == 202)
        let worker = try program.start("work")
        try await worker.waitForError(containing: "Found what people wrote")
        let suppressed = Statement(
            name: "test.suppressed",
            sql:
                "select count(*) as count from outrider.suppressions where address = '+15000000017' and lifted_at is null"
        )
        #expect(try await pool.fetch(suppressed)[0].int("count") == 3)
        let text = ["--channel", "sms", "--address", "+15000000017", "--body", "hello", "--json"]
        #expect(try await program.run(["enqueue"] + text).status == 0)
        let outcome = Statement(
            name: "test.outcome",
            sql: "select max(code) as code, pg_sleep(0.05)::text from outrider.events where kind = 'outcome'")
        let end = ContinuousClock.now + .seconds(20)
        while try await pool.fetch(outcome)[0].optionalString("code") == nil { try #require(ContinuousClock.now < end) }
        #expect(try await pool.fetch(outcome)[0].optionalString("code") == "opted_out")
        await pool.close()
        #expect(await worker.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }

    /// Waits at most 20 s until a worker has registered.
    private static func waitForWorker(in database: String) async throws {
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        let workers = Statement(
            name: "test.workers", sql: "select count(*) as count from outrider.workers, pg_sleep(0.05)")
        let end = ContinuousClock.now + .seconds(20)
        while try await pool.fetch(workers)[0].int("count") == 0 { try #require(ContinuousClock.now < end) }
        await pool.close()
    }
}
