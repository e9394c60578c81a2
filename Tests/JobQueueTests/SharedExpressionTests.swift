import Delivery
import JobQueue
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

    @Test(
        "a number that has several spellings counts in one of them, and every other as it is",
        arguments: [
            // Brazil: WhatsApp leaves out the 9 of mobiles. A landline has none.
            ("+551187654321", "+5511987654321"), ("+5511987654321", "+5511987654321"),
            ("+551132654321", "+551132654321"),
            // Mexico and Argentina: a digit more for mobiles, once dialled and still in WhatsApp's ids.
            ("+5215512345678", "+525512345678"), ("+525512345678", "+525512345678"),
            ("+5491123456789", "+541123456789"), ("+541123456789", "+541123456789"),
            ("+15005550006", "+15005550006"), ("+48600000001", "+48600000001"), ("ann@example.com", "ann@example.com"),
            ("12345", "12345"), ("+55", "+55"),
        ])
    func spelling(address: String, expected: String) async throws {
        try await TestQueue.with { queue in
            for strings in ["on", "off"] {
                let answers = try await queue.texts(
                    """
                    SELECT outrider.one_spelling('\(address)') AS v
                      FROM (SELECT set_config('standard_conforming_strings', '\(strings)', false)) s
                    """)
                #expect(answers == [expected])
            }
        }
    }

    @Test("a suppression in one spelling keeps a send in another from beginning, at the take and at the fence")
    func spellingsOfSuppressions() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+5511987654321', 'x'), ('sms', '+525512345678', 'x');
                SELECT outrider.suppress('+551187654321');
                """)
            let lane = try #require(try await queue.look().lanes.first)
            let seen = try await queue.store.take(TakeOrder(lane: lane, floor: .start, limit: 10, worker: "w1")) {
                take in
                #expect(take.rows.count == 2)
                for case .job(let job) in take.rows.map(\.state) {
                    #expect(job.isSuppressed == (job.address == "+5511987654321"))
                }
                return Verdict()
            }
            #expect(seen.sends.isEmpty)
            try await queue.run("SELECT outrider.suppress('+5215512345678')")
            let begun = try await queue.take().ids
            #expect(begun.isEmpty)
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
            ("2026-03-29 23:59:49+02", true), ("2026-03-29 23:59:50+02", false), ("2026-03-30 00:00:00+02", false),
            ("2026-03-29 12:00:00+02", true),
        ])
    func window(at: String, isOpen: Bool) async throws {
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
