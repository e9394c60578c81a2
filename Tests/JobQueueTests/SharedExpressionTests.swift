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

    @Test("the database and the program agree about what a step may say of each class of failure")
    func failurePolicies() async throws {
        let words = FailurePolicy.allCases.map(\.rawValue) + ["ask"]
        let classes = FailureClass.allCases.map(\.rawValue) + ["other"]
        let pairs = classes.flatMap { failure in words.map { (failure, $0) } }
        let values = pairs.map { "('\($0)', '\($1)')" }.joined(separator: ", ")
        try await TestQueue.with { queue in
            let allowed = try await queue.texts(
                "SELECT class || ' ' || word AS v FROM (VALUES \(values)) AS p (class, word) WHERE outrider.is_failure_policy(jsonb_build_object(class, word))"
            )
            let expected = FailureClass.allCases.flatMap { failure in
                failure.policies.map { "\(failure.rawValue) \($0.rawValue)" }
            }
            #expect(Set(allowed.compactMap(\.self)) == Set(expected) && !expected.isEmpty)
        }
    }

    @Test("the database and the program agree about every character that shows nothing")
    func blank() async throws {
        try await TestQueue.with { queue in
            let numbers =
                "SELECT n FROM generate_series(1, 131071) AS n WHERE n NOT BETWEEN 55296 AND 57343 UNION ALL SELECT generate_series(917504, 921599)"
            let blank = try await queue.texts(
                "SELECT n::text AS v FROM (\(numbers)) AS c (n) WHERE outrider.is_blank(chr(n)) ORDER BY n")
            let scalars = (Array(1...131_071) + Array(917_504...921_599)).compactMap { Unicode.Scalar($0 as UInt32) }
            #expect(
                blank.compactMap(\.self) == scalars.filter { String(Character($0)).isBlank }.map { String($0.value) })
        }
    }

    @Test(
        "the database and the program agree about what an e-mail address is",
        arguments: [
            "ann@example.com", "ANN+x@Sub.Example.CO.UK", "a.b-c_d!#$%&'*/=?^`{|}~@x-y.example", "a@b.c", "a@b.c1",
            "a@xn--mller-kva.example",
            "<ann@example.com>", "Ann<ann@example.com>", "ann@example.com;", "mailto:ann@example.com",
            "a..b@example.com",
            ".a@example.com", "ann.@example.com", "<>@example.com", "ann\u{200B}@example.com", "ann@müller.example",
            "a@1.2.3.4", "a@b.c@d.e", "@example.com", "ann@", "ann@example", "ann@-a.example", "ann@a-.example",
            "ann@a..b",
            "ann @example.com", "ann@example.com ", "ann@exam_ple.com", "a@b.", "a\"b@example.com", "a\n@example.com",
            "ann@example.com\n",
            String(repeating: "a", count: 64) + "@example.com", String(repeating: "a", count: 65) + "@example.com",
            "a@" + String(repeating: "b", count: 63) + ".example",
            "a@" + String(repeating: "b", count: 64) + ".example",
            "a@" + String(repeating: "b.", count: 125) + "cc", "a@" + String(repeating: "b.", count: 126) + "cc",
            "ann@exa\u{301}mple.com",
        ])
    func mail(_ address: String) async throws {
        try await TestQueue.with { queue in
            let answer = try await queue.texts(
                "SELECT outrider.is_email_address('\(address.replacing("'", with: "''"))')::text AS v")
            #expect(answer == [(try? EmailAddress(address)) == nil ? "false" : "true"])
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
            #expect(text.contains("translate("), "\(text)")
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
                        name: "test.inlined",
                        sql:
                            "EXPLAIN EXECUTE taking(1, 0, 0, 1, 'w', 1, NULL, NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
                    ))
            }
            let text = try plan.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
            #expect(text.contains("Index Scan using jobs_0_pkey"), "\(text)")
            #expect(!text.contains("Function Scan on job_facts"), "\(text)")
        }
    }
}
