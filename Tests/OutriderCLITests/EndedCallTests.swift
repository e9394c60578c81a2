import Foundation
import HTTPTransport
import Postgres
import TestDatabase
import Testing

@Suite("Ending a call, with the built program", .timeLimit(.minutes(3)))
struct EndedCallTests {
    @Test("a person who says STOP is not rung by the call that the provider holds, nor written to by the next step")
    func stop() async throws {
        let listen = "127.0.0.1:\(try await Program.freePort())"
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0", "--webhooks", "http://\(listen)")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var program = Program(environment: Program.settings(in: printed))
        let address = try #require(program.environment["TWILIO_API_BASE_URL"])
        let database = try await PostgresServer.migratedDatabase()
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": database, "OUTRIDER_LISTEN": listen, "OUTRIDER_PUBLIC_URL": "http://\(listen)",
        ]) { $1 }
        let pool = PostgresPool(PostgresConfiguration(url: database, poolSize: 1))
        // It rings, and nobody ever answers.
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values
                    ('call', 'voice', '+15005550006'), ('mail', 'email', 'hello@example.com');
                select outrider.save_ladder('calls', '[{"channel": "voice"}, {"channel": "email"}]');
                insert into outrider.jobs (kind, ladder, phone, email, body, subject, category)
                values ('notify', 'calls', '+15000800017', 'ann@example.com', 'x', 'x', 'transactional');
                """)
        let running = try program.start("up")
        let id = try await Self.wait(pool, "max(provider_id) from outrider.events where kind = 'answer'")
        let said = try await Program.post(
            to: "\(address)/sandbox/inbound", #"{"from": "+15000800017", "to": "+15005550006", "body": "Stop"}"#)
        #expect(said == 202)
        let outcome = try await Self.wait(pool, "max(code) from outrider.events where kind = 'outcome'")
        #expect(outcome == "opted_out")
        #expect(try await Self.status(of: id, at: address, program.environment) == "canceled")
        let order = try await Self.wait(
            pool,
            """
            string_agg(what, ', ' order by at) from (
                select at, status as what from outrider.events where kind = 'reconciled'
                union all select at, 'over' from outrider.events where kind = 'outcome'
                union all select min(created_at), 'stop' from outrider.suppressions) t
            """)
        #expect(order == "stop, asked to end, ended, over")
        #expect(try await Program.get("\(address)/sandbox/ledger").body.contains("email") == false)
        await pool.close()
        #expect(await running.terminate() == 0)
        #expect(await sandbox.terminate() == 0)
    }

    /// The first value that is there, within 30 s.
    private static func wait(_ pool: PostgresPool, _ expression: String) async throws -> String {
        let statement = Statement(
            name: "test_\(expression.hashValue)",
            sql: "select v, pg_sleep(0.05)::text from (select \(expression)) as t (v)")
        let end = ContinuousClock.now + .seconds(30)
        while true {
            if let value = try await pool.fetch(statement)[0].optionalString("v") { return value }
            try #require(ContinuousClock.now < end, "\(expression)")
        }
    }

    private static func status(
        of call: String, at address: String, _ environment: [String: String]
    ) async throws -> String? {
        let account = environment["TWILIO_ACCOUNT_SID"] ?? ""
        let transport = try HTTPTransport()
        let result = await transport.perform(
            OutgoingRequest(
                method: .get, url: "\(address)/2010-04-01/Accounts/\(account)/Calls/\(call).json",
                credentials: .basic(user: account, password: environment["TWILIO_AUTH_TOKEN"] ?? "")))
        await transport.close()
        guard case .answered(let response) = result else { return nil }
        let call = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return call?["status"] as? String
    }
}
