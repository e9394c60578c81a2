import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Inserting jobs, and who may do what")
struct SchemaTests {
    @Test(
        "segments in SQL are those of the message",
        arguments: [
            "", "Hello", String(repeating: "a", count: 70), String(repeating: "a", count: 71),
            String(repeating: "a", count: 160),
            String(repeating: "a", count: 161), String(repeating: "a", count: 306), String(repeating: "a", count: 307),
            String(repeating: "[", count: 80), String(repeating: "[", count: 81), String(repeating: "€", count: 80),
            String(repeating: "a", count: 159) + "^", String(repeating: "`", count: 71),
            String(repeating: "`", count: 70),
            String(repeating: "ą", count: 70), String(repeating: "ą", count: 71), String(repeating: "é", count: 160),
            String(repeating: "é", count: 161), String(repeating: "😀", count: 35), String(repeating: "😀", count: 36),
            String(repeating: "Ω", count: 150), "\t" + String(repeating: "a", count: 70),
            "\r\n" + String(repeating: "a", count: 150),
            String(repeating: "\\", count: 81), String(repeating: "|~{}", count: 20),
            String(repeating: "$@", count: 80),
        ])
    func segments(body: String) async throws {
        try await TestQueue.with { queue in
            let rows = try await queue.workers.fetch(
                Statement(name: "test.segments", sql: "SELECT outrider.segments($1::text) AS v"), [.text(body)])
            #expect(try rows[0].int("v") == SMSSegments(body).count)
        }
    }

    @Test("each of many ways of asking in one insert gets its own route")
    func routes() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address, tenant) VALUES
                    ('v', 'voice', '+15550000002', null), ('m', 'email', 'us@example.com', null), ('own', 'sms', '+15550000003', 'acme');
                INSERT INTO outrider.jobs (kind, tenant, channel, address, ladder, phone, email, subject, body, category, priority) VALUES
                    ('send', 'default', 'sms', '+15550000009', null, null, null, null, 'Hello', 'otp', null),
                    ('send', 'acme', 'sms', '+15550000009', null, null, null, null, 'Hello', 'marketing', null),
                    ('send', 'default', 'email', 'Ann@example.com', null, null, null, 'Hi', 'Hello', 'alert', 3),
                    ('send', 'default', 'whatsapp', '+15550000009', null, null, null, null, 'Hello', 'otp', null),
                    ('notify', 'default', null, null, 'urgent', '+15550000009', null, 'Hi', 'Hello', 'alert', null),
                    ('notify', 'default', null, null, 'standard', '+15550000009', null, 'Hi', 'Hello', 'transactional', null)
                """)
            #expect(
                try await queue.dueRows("job_id, (SELECT name FROM outrider.ladders l WHERE l.id = ladder_id)")
                    == [
                        "1 send/0/1", "2 send/3/4", "3 send/3/3", "4 send/0", "5 urgent send/1/2",
                        "6 standard send/2/1",
                    ])
        }
    }

    @Test(
        "a wrong insert is refused by the rule it breaks",
        arguments: [
            ("channel, address, body", "'sms', '15550000009', 'x'", "address_must_be_e164_for_sms_voice_and_whatsapp"),
            ("channel, address, body", "'sms', '+155500', 'x'", "address_must_be_e164_for_sms_voice_and_whatsapp"),
            (
                "channel, address, body", "'sms', '+1555000000912345', 'x'",
                "address_must_be_e164_for_sms_voice_and_whatsapp"
            ),
            ("channel, address, body", "'sms', '+05550000009', 'x'", "address_must_be_e164_for_sms_voice_and_whatsapp"),
            (
                "channel, address, subject, body", "'email', 'ann@example', 's', 'x'",
                "address_must_be_an_email_address_for_email"
            ),
            (
                "channel, address, subject, body", "'email', repeat('a', 65) || '@example.com', 's', 'x'",
                "address_must_be_an_email_address_for_email"
            ),
            (
                "channel, address, body, tenant", "'sms', '+15550000009', 'x', 'a b'",
                "tenant_must_be_1_to_63_plain_characters"
            ),
            (
                "channel, address, body, tenant", "'sms', '+15550000009', 'x', ''",
                "tenant_must_be_1_to_63_plain_characters"
            ),
            (
                "channel, address, body, media_urls", "'sms', '+15550000009', 'x', '{ftp://x}'",
                "media_urls_must_be_http_urls"
            ),
            (
                "kind, ladder, phone, body", "'notify', 'standard', '+15550000009' || repeat('1', 9), 'x'",
                "phone_must_be_e164"
            ),
            (
                "kind, ladder, email, body", "'notify', 'standard', '@example.com', 'x'",
                "email_must_be_an_email_address"
            ),
            ("kind, ladder, phone, body", "'notify', 'none', '+15550000009', 'x'", "ladder_must_exist"),
            ("channel, address, template", "'sms', '+15550000009', 'none'", "template_must_exist"),
            (
                "channel, address, body, run_at", "'sms', '+15550000009', 'x', 'infinity'",
                "run_at_must_be_a_time_before_the_year_2200"
            ),
            (
                "channel, address, body, expires_at", "'sms', '+15550000009', 'x', '2200-01-01Z'",
                "expires_at_must_be_a_time_before_the_year_2200"
            ),
        ])
    func refused(columns: String, values: String, rule: String) async throws {
        try await TestQueue.with { queue in
            do {
                try await queue.run("INSERT INTO outrider.jobs (\(columns)) VALUES (\(values))")
                Issue.record("it was accepted")
            } catch let PostgresError.server(_, message, constraint) {
                #expect(constraint == rule || message.hasPrefix(rule))
            }
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    @Test(
        "addresses at the ends of their ranges are accepted",
        arguments: [
            "'sms', '+1234567', null", "'sms', '+123456789012345', null", "'email', repeat('a', 64) || '@e.co', 's'",
        ])
    func accepted(values: String) async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "INSERT INTO outrider.jobs (channel, address, subject, body) SELECT v.*, 'x' FROM (VALUES (\(values))) v"
            )
            #expect(try await queue.count("outrider.due") == 1)
        }
    }

    @Test(
        "a role may not do what is not its work",
        arguments: [
            (
                "outrider_worker",
                "INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000009', 'x')"
            ),
            ("outrider_worker", "DELETE FROM outrider.events"),
            ("outrider_worker", "UPDATE outrider.events SET code = ''"),
            ("outrider_worker", "UPDATE outrider.senders SET address = '+15550000009'"),
            ("outrider_worker", "DELETE FROM outrider.suppressions"),
            ("outrider_worker", "UPDATE outrider.suppressions SET reason = 'x'"),
            ("outrider_gateway", "SELECT body FROM outrider.jobs"), ("outrider_gateway", "SELECT FROM outrider.jobs_0"),
            ("outrider_gateway", "SELECT FROM outrider.templates"),
            ("outrider_gateway", "UPDATE outrider.suppressions SET address = ''"),
            (
                "outrider_app",
                "INSERT INTO outrider.jobs (id, channel, address, body) VALUES (9, 'sms', '+15550000009', 'x')"
            ),
            (
                "outrider_app",
                "INSERT INTO outrider.jobs (created_at, channel, address, body) VALUES (now(), 'sms', '+15550000009', 'x')"
            ),
            ("outrider_gateway", "DELETE FROM outrider.due"),
            ("outrider_gateway", "INSERT INTO outrider.leases DEFAULT VALUES"),
            (
                "outrider_gateway",
                "INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000009', 'x')"
            ),
            ("outrider_gateway", "UPDATE outrider.events SET code = ''"),
            ("outrider_app", "SELECT body FROM outrider.jobs"), ("outrider_app", "SELECT FROM outrider.events"),
            ("outrider_app", "SELECT FROM outrider.due"),
            ("outrider_app", "INSERT INTO outrider.suppressions DEFAULT VALUES"),
            ("outrider_app", "SELECT outrider.release_held(1, true, 'x')"),
            ("outrider_app", "DELETE FROM outrider.jobs"),
        ])
    func roles(role: String, sql: String) async throws {
        try await TestQueue.with { queue in
            do {
                try await queue.run("SET ROLE \(role); \(sql)")
                Issue.record("it was allowed")
            } catch let PostgresError.server(state, _, _) {
                #expect(state == .insufficientPrivilege)
            }
        }
    }

    @Test("an application may insert jobs for itself")
    func application() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SET ROLE outrider_app; INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000009', 'x'); RESET ROLE"
            )
            #expect(try await queue.texts("SELECT tenant AS v FROM outrider.jobs") == ["default"])
        }
    }
}
