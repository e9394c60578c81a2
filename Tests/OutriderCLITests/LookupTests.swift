import Postgres
import TestDatabase
import Testing

@Suite("Numbers that are looked up, with the built program", .timeLimit(.minutes(3)))
struct LookupTests {
    @Test(
        "a landline of the sandbox is called and not texted, a VoIP line is marked, a risk is held, and doctor says what is asked"
    )
    func sandbox() async throws {
        let listen = "127.0.0.1:\(try await Program.freePort())"
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0", "--webhooks", "http://\(listen)")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var program = Program(environment: Program.settings(in: printed))
        let database = try await PostgresServer.migratedDatabase()
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": database, "OUTRIDER_LISTEN": listen, "OUTRIDER_PUBLIC_URL": "http://\(listen)",
        ]) { $1 }
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        #expect(try await program.run("doctor", "--of", "work").output.contains("ok      lookups: off"))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values
                    ('text', 'sms', '+15005550006'), ('call', 'voice', '+15005550006');
                select outrider.save_ladder('both', '[{"channel": "sms"}, {"channel": "voice"}]'),
                       outrider.set_lookup('alert', line_type => true, holds_over => 75);
                insert into outrider.jobs (kind, ladder, phone, email, body, category)
                select 'notify', 'both', n, 'a@example.com', 'x', 'alert'
                  from unnest('{+15002000017,+15000009601,+15000009501}'::text[]) n;
                """)
        let running = try program.start("up")
        #expect(try await Self.wait(pool, 1, "channel", "status = 'accepted'") == "voice")
        #expect(try await Self.wait(pool, 2, "channel", "status = 'accepted'") == "sms")
        #expect(try await Self.wait(pool, 3, "code", "status = 'skipped'") == "risky_number")
        let marked = try await program.run("timeline", "2").output
        #expect(marked.contains("a line of the type nonFixedVoip"), "\(marked)")
        let fine = "ok      lookups: alert: line type, risk over 75 held"
        #expect(try await program.run("doctor", "--of", "work").output.contains(fine))
        try await pool.run(
            script: """
                update outrider.number_lookups set found = null, code = '60606', good_until = now() + interval '10 minutes'
                 where package = 'risk';
                """)
        let output = try await program.run("doctor", "--of", "gateway").output
        #expect(output.contains("Within 10 minutes 3 told nothing, most often 60606"), "\(output)")
        await pool.close()
        #expect(await running.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }

    /// What the newest such answer of a job says, within 30 s.
    private static func wait(_ pool: PostgresPool, _ job: Int, _ column: String, _ condition: String) async throws
        -> String
    {
        let sql = """
            select v, pg_sleep(0.05)::text from (select max(\(column)) as v from outrider.events
             where job_id = \(job) and kind = 'answer' and \(condition)) t
            """
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let row = try await pool.fetch(Statement(name: "test_\(sql.hashValue)", sql: sql))[0]
            if let value = try row.optionalString("v") { return value }
            try #require(ContinuousClock.now < end, "\(job) \(condition)")
        }
    }
}
