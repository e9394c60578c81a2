import Postgres
import TestDatabase
import Testing

@Suite("Mail without webhooks", .timeLimit(.minutes(5)))
struct MailPollTests {
    @Test("without a public URL mails come to their right ends all the same: the worker searches the e-mail logs")
    func endToEnd() async throws {
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0", "--time-scale", "20")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var program = Program(environment: Program.settings(in: printed))
        let database = try await PostgresServer.migratedDatabase()
        program.environment["OUTRIDER_DATABASE_URL"] = database
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('mail', 'email', 'shop@example.org');
                select outrider.save_ladder('sure', '[{"channel": "email", "wait_seconds": 3600}]');
                insert into outrider.jobs (kind, ladder, email, body, subject)
                select 'notify', 'sure', email, 'x', 'y' from unnest(
                    array['delivered@example.org', 'bounce@example.org', 'blocked@example.org', 'dropped@example.org'])
                    as email;
                """)
        let worker = try program.start("work")
        let ends = Statement(
            name: "test.ends",
            sql: """
                select coalesce(string_agg(j.email || ' ' || o.code || ' ' || coalesce(f.class, '-'), ', '
                                order by j.email), '') as ends,
                       count(*) as count, pg_sleep(0.05)::text
                  from outrider.jobs j
                  join outrider.events o on o.job_id = j.id and o.kind = 'outcome'
                  left join outrider.events f on f.job_id = j.id and f.kind = 'receipt' and f.class is not null
                """)
        let deadline = ContinuousClock.now + .seconds(90)
        while try await pool.fetch(ends)[0].int("count") < 4 { try #require(ContinuousClock.now < deadline) }
        #expect(
            try await pool.fetch(ends)[0].string("ends")
                == "blocked@example.org exhausted filtered, bounce@example.org exhausted invalid_address, "
                + "delivered@example.org delivered -, dropped@example.org exhausted invalid_address")
        let suppressed = Statement(
            name: "test.suppressed",
            sql: """
                select string_agg(address || ' ' || channel || ' ' || reason, ', ' order by address) as rows
                  from outrider.suppressions where lifted_at is null
                """)
        #expect(
            try await pool.fetch(suppressed)[0].optionalString("rows")
                == "bounce@example.org email bounce, dropped@example.org email invalid_address")
        await pool.close()
        #expect(await worker.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }
}
