import Delivery
import Postgres
import Schema
import Testing

@Suite("Expressions that many statements share")
struct SharedExpressionTests {
    @Test(
        "a step reaches the address of a send, or the phone or e-mail address of a notify",
        arguments: [
            ("'sms', '+15550000001', null, null", "+15550000001"),
            ("'email', 'Ann@Example.com', null, null", "ann@example.com"),
            ("'voice', null, '+15550000002', 'Ann@Example.com'", "+15550000002"),
            ("'email', null, '+15550000002', 'Ann@Example.com'", "ann@example.com"),
            ("'whatsapp', null, null, 'ann@example.com'", nil),
            ("'email', null, '+15550000002', null", nil),
        ])
    func address(arguments: String, expected: String?) async throws {
        try await TestQueue.with { queue in
            let answers = try await queue.texts("SELECT outrider.address_on(\(arguments)) AS v")
            #expect(answers == [expected])
        }
    }

    @Test("the phone channels are those of the domain")
    func phoneChannels() async throws {
        try await TestQueue.with { queue in
            let names = try await queue.texts("SELECT unnest(outrider.phone_channels()) AS v")
            #expect(Set(names) == Set(Channel.phoneChannels.map { Optional($0.rawValue) }))
        }
    }

    @Test(
        "a WhatsApp window closes ten seconds before its 24 hours are over, on whatever day clocks are changed",
        arguments: [
            ("2026-03-29 23:59:49+02", 86_389, true), ("2026-03-29 23:59:50+02", 86_390, false),
            ("2026-03-30 00:00:00+02", 86_400, false), ("2026-03-29 12:00:00+02", 43_200, true),
        ])
    func window(at: String, seconds: Int64, isOpen: Bool) async throws {
        let (wrote, now) = (Instant(microseconds: 0), Instant(microseconds: seconds * 1_000_000))
        #expect(MessagingWindow.isOpen(lastInboundAt: wrote, now: now) == isOpen)
        try await TestQueue.with { queue in
            let answers = try await queue.texts(
                """
                SELECT outrider.window_is_open(timestamptz '2026-03-29 00:00:00+02', timestamptz '\(at)')::text AS v
                """)
            #expect(answers == [String(isOpen)])
        }
    }

    @Test("each is inlined where it stands, for the role that runs the statement")
    func inlined() async throws {
        try await TestQueue.with { queue in
            let plan = try await queue.workers.fetch(
                Statement(
                    name: "test.inlined",
                    sql: """
                        EXPLAIN (VERBOSE) SELECT outrider.address_on(coalesce(s.channel, j.channel), j.address, j.phone, j.email),
                               outrider.window_is_open(j.created_at, statement_timestamp()),
                               j.channel = ANY (outrider.phone_channels())
                          FROM outrider.jobs j LEFT JOIN outrider.ladder_steps s ON s.position = j.priority
                        """))
            let text = try plan.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
            #expect(text.contains("lower("), "\(text)")
            for name in ["address_on", "window_is_open", "phone_channels"] {
                #expect(!text.contains(name), "\(text)")
            }
        }
    }

    @Test("the facts of a job are read within the take's own plan, not by a function call a row")
    func facts() async throws {
        try await TestQueue.with { queue in
            let plan = try await queue.workers.transaction { session in
                try await session.run(script: "PREPARE taking AS \(Schema.statement("take").sql)")
                return try await session.fetch(
                    Statement(
                        name: "test.inlined", sql: "EXPLAIN EXECUTE taking(1, 0, 0, 1, 'w', 1, NULL, NULL, '{}')"))
            }
            let text = try plan.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
            #expect(text.contains("Index Scan using jobs_0_pkey"), "\(text)")
            #expect(!text.contains("Function Scan on job_facts"), "\(text)")
        }
    }
}
