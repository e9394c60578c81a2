import Delivery
import JobQueue
import Postgres
import Testing

/// Whatever the table takes, the reader takes too: a row that is refused is refused at its insert, by a rule with a name.
@Suite("Rows that are accepted can be read", .timeLimit(.minutes(5)))
struct ReadingTests {
    @Test("each odd value by itself, and many together, is either refused by a named rule or taken as a job")
    func oddRows() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.senders (name, channel, address) VALUES
                    ('v', 'voice', '+15550000002'), ('w', 'whatsapp', '+15550000002'), ('m', 'email', 'us@example.com')
                """)
            var accepted: Set<Int> = []
            for row in OddRow.all(mixed: 200) {
                if let id = try await insert(row, queue) { accepted.insert(id) }
            }
            #expect(accepted.count > 150)
            // Whatever its time, it is due now.
            try await queue.run(
                "UPDATE outrider.campaign_chunks SET at = '-infinity'; SELECT outrider.feed_campaign(id) FROM outrider.campaigns"
            )
            try await queue.makeDue()
            var read: Set<Int> = []
            for lane in try await queue.look().lanes {
                for row in try await queue.take(1_000, of: lane).take.rows {
                    switch row.state {
                    case .job(let job): read.insert(job.id)
                    case .gone: Issue.record("job \(row.due.jobID) is gone")
                    case .unreadable(let what): try await report(row.due.jobID, what, queue)
                    }
                }
            }
            #expect(read.symmetricDifference(accepted).sorted() == [])
        }
    }

    private func insert(_ row: OddRow, _ queue: TestQueue) async throws -> Int? {
        do {
            let rows = try await queue.admin.transaction { session in
                // The text is another each time, and is not to be kept as a prepared statement.
                try await session.run(script: row.insert)
                return try await session.fetch(
                    Statement(
                        name: "test.last",
                        sql: "SELECT id FROM outrider.jobs WHERE id = currval('outrider.jobs_id_seq')"))
            }
            return try rows.first?.int("id")  // None, when its key is known.
        } catch let PostgresError.server(state, message, constraint) {
            // A value that is not of its type at all is refused before any rule.
            let isTyped = state.code.hasPrefix("22") || state.code.hasPrefix("54") || state.code == "23502"
            let isNamed = constraint.map { !$0.hasPrefix("jobs_") } ?? message.contains("_must_")
            #expect(isTyped || isNamed, "\(row.insert): \(message)")
            return nil
        }
    }

    private func report(_ job: Int, _ what: String, _ queue: TestQueue) async throws {
        let text = try await queue.texts("SELECT left(jobs::text, 2000) AS v FROM outrider.jobs WHERE id = \(job)")
        Issue.record("\(what): \(text)")
    }

    @Test("data that came packed out of another table is measured as it will be read")
    func packed() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                CREATE TABLE public.staged (data jsonb);
                INSERT INTO public.staged SELECT jsonb_build_object('text', repeat('x', 2000000))
                """)
            for column in ["data", "metadata"] {
                do {
                    try await queue.run(
                        """
                        INSERT INTO outrider.jobs (channel, address, body, \(column))
                        SELECT 'sms', '+15550000001', 'x', data FROM public.staged
                        """)
                    Issue.record("\(column) was accepted")
                } catch let PostgresError.server(_, _, constraint) {
                    #expect(constraint == "\(column)_must_be_at_most_64_kilobytes")
                }
            }
        }
    }

    @Test("a row that this version cannot read is a row of the take: those beside it are jobs")
    func unreadable() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(3)
            try await queue.run(
                "ALTER TABLE outrider.jobs DROP CONSTRAINT category_must_be_otp_alert_transactional_or_marketing")
            try await queue.run("UPDATE outrider.jobs SET category = 'divine' WHERE id = 2")
            let rows = try await queue.take { _ in Verdict() }.take.rows
            #expect(rows.map(\.due.jobID) == [1, 2, 3])
            guard case .unreadable(let what) = rows[1].state else {
                Issue.record("it was read")
                return
            }
            #expect(what.contains("category") && !what.contains("divine"))
        }
    }

    @Test("a job whose partition was dropped is gone, and its row can be done with")
    func gone() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            try await queue.run("DELETE FROM outrider.jobs WHERE id = 1")
            let taken = try await queue.take()
            guard case .gone = taken.take.rows[0].state else {
                Issue.record("it is still there")
                return
            }
            #expect(taken.ids == [2])
            #expect(try await queue.count("outrider.due") == 0)
        }
    }

    @Test("an event that a newer release wrote is carried, whatever its detail holds")
    func newerEvents() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            try await queue.run(
                """
                INSERT INTO outrider.events (job_id, generation, kind, status, detail)
                VALUES (1, 1, 'deferred', '3', '{"until": 7, "why": {"deep": [1, null]}, "half": 0.5, "name": "x"}');
                UPDATE outrider.due SET reason = 'resume'
                """)
            let job = try #require(try await queue.take().jobs.first)
            #expect(job.history.deferrals == [1: 3])
        }
    }

    @Test("the first row of a lane is held unread, and only that")
    func holdFirst() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let order = TakeOrder(lane: try await queue.lane(), floor: .start, limit: 1, worker: "w1")
            #expect(try await queue.store.holdFirst(of: order, because: "too long") == 1)
            #expect(
                try await queue.texts("SELECT concat_ws(' ', job_id, kind, reason, worker) AS v FROM outrider.events")
                    == ["1 held too long w1"])
            #expect(try await queue.store.holdFirst(of: order, because: "too long") == 2)
            #expect(try await queue.store.holdFirst(of: order, because: "too long") == nil)
        }
    }

    @Test("while another worker tries the first row of a lane, the innocent row behind it is not held")
    func holdFirstOnly() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(2)
            let order = TakeOrder(lane: try await queue.lane(), floor: .start, limit: 1, worker: "w1")
            try await queue.admin.transaction { other in
                try await other.run(script: "SELECT FROM outrider.due WHERE job_id = 1 FOR UPDATE")
                #expect(try await queue.store.holdFirst(of: order, because: "too long") == nil)
            }
            #expect(try await queue.store.holdFirst(of: order, because: "too long") == 1)
        }
    }
}

/// One insert, with values at or past the limits of what the table takes.
private struct OddRow {
    /// SQL by column.
    var values: [(column: String, sql: String)]

    var insert: String {
        """
        INSERT INTO outrider.jobs (\(values.map(\.column).joined(separator: ", ")))
        VALUES (\(values.map(\.sql).joined(separator: ", ")))
        """
    }

    /// Right rows to change.
    private static let bases: [[(String, String)]] = [
        [("channel", "'sms'"), ("address", "'+1234567'"), ("body", "'Hello'")],
        [("channel", "'voice'"), ("address", "'+123456789012345'"), ("body", "'Hello'")],
        [("channel", "'whatsapp'"), ("address", "'+15550000009'"), ("body", "'Hello'")],
        [("channel", "'email'"), ("address", "'ann@example.com'"), ("subject", "'Hi'"), ("body", "'Hello'")],
        [("kind", "'notify'"), ("ladder", "'standard'"), ("phone", "'+15550000009'"), ("body", "'Hello'")],
        [("kind", "'notify'"), ("ladder", "'urgent'"), ("email", "'ann@example.com'"), ("body", "'Hello'")],
    ]

    private static let odd: [(String, [String])] = [
        (
            "address",
            [
                "'+12345678901234567'", "repeat('a', 64) || '@' || repeat('b', 184) || '.com'", "'ü@exämple.com'",
                #"E'a\u200b@example.com'"#, #"E'"q\\"@example.com'"#, "NULL", "''", "' +1234567'", #"E'+1234567\n'"#,
            ]
        ),
        ("phone", ["'+1234567'", "'+123456789012345'", "NULL", "'1'"]),
        ("email", ["'A@B.CD'", #"E'a\u0301@x.y'"#, "repeat('a', 64) || '@b.cd'", "NULL", "'a@b'"]),
        (
            "body",
            [
                "repeat('x', 1600)", "repeat('x', 1601)", "repeat(U&'\\+01F600', 1600)", #"E'\u200b'"#, #"E'\u00a0'"#,
                #"E'\n\u2028'"#,
                #"repeat(E'e\u0301', 800)"#, "'null'", "'NULL'", "'{a,b}'", #"E'\\'"#, #"'"'"#, "'{{'", #"E'\x01\x7f'"#,
                "repeat(' ', 9)",
                "repeat('é', 100000)", "NULL", #"E'\uFFFE\uFFFF'"#,
            ]
        ),
        ("subject", ["NULL", "''", "repeat('s', 255)", "repeat('s', 256)", #"E'\u2028'"#, #"E'a\rb'"#, #"'"{},\'"#]),
        (
            "data",
            [
                "'{}'", "'{\"\": null}'", "'{\"n\": 1e400}'", "'{\"n\": 123456789012345678901234567890.5}'", "'[]'",
                "'null'", "NULL",
                #"'{"a": "\u0000"}'"#, #"'{"a": "\ud83d\ude00\u200b"}'"#, "jsonb_build_object('a', repeat('x', 65520))",
                "jsonb_build_object('a', repeat('x', 65530))",
                "(repeat('{\"a\":', 900) || '1' || repeat('}', 900))::jsonb",
                "(SELECT jsonb_object_agg('k' || n, n) FROM generate_series(1, 3000) n)",
                "('{\"a\": ' || repeat('[', 5000) || repeat(']', 5000) || '}')::jsonb",
            ]
        ),
        ("metadata", ["'{\"a\": [null, true, -0.0]}'", "jsonb_build_object('a', repeat('x', 65530))", "'1'", "NULL"]),
        (
            "media_urls",
            [
                "'{}'", "NULL", "'{NULL}'", "'{https://a.b,NULL}'", "'{{https://a.b},{https://c.d}}'", "'{{}}'",
                "'[5:6]={https://a.b,https://c.d}'",
                "array_fill('https://a.b/' || repeat('x', 2036), '{10}')", "array_fill('https://a.b'::text, '{11}')",
                "'{\"https://a.b/,x\"}'",
                #"ARRAY[E'https://a.b/"\\{}']"#, #"ARRAY[E'http://\u200b']"#,
                "ARRAY['https://a.b/' || repeat('x', 2037)]", "'{NULL,NULL}'",
                "'{\"NULL\"}'", "ARRAY[ARRAY[ARRAY['https://a.b']]]",
            ]
        ),
        (
            "locale",
            [
                "'en'", "'pt-BR'", "'en' || repeat('-abcdefgh', 3) || '-abcde'", "'en' || repeat('-ab', 40)", "'EN'",
                "''", "NULL", #"E'en\n'"#,
            ]
        ),
        (
            "time_zone",
            ["'Europe/Warsaw'", "'FOO+3'", "'<+05>-05'", "'nowhere'", "''", "NULL", "repeat('A', 300)", "'+26'"]
        ),
        (
            "run_at",
            [
                "'-infinity'", "'infinity'", "'2199-12-31'", "'4713-01-01 BC'", "'epoch'", "'294276-12-31'",
                "'0001-01-01 BC'",
            ]
        ),
        (
            "expires_at",
            [
                "'-infinity'", "'infinity'", "'2199-12-31 23:59:59.999999+00'", "'4713-01-01 BC'", "'294276-12-31'",
                "now()",
            ]
        ),
        ("created_at", ["'-infinity'", "'infinity'", "'4713-01-01 BC'", "'294276-12-31'", "'2199-12-31'"]),
        ("wait_seconds", ["5", "4", "36000", "36001", "NULL", "2147483647"]),
        ("priority", ["0", "3", "4", "-1", "NULL"]),
        ("category", ["'otp'", "'alert'", "'transactional'", "'marketing'", "''", "NULL"]),
        ("idempotency_key", [#"E'\u200b'"#, "repeat('k', 200) || random()", "''", "repeat('😀', 200)"]),
        ("campaign", [#"E'\u200b'"#, "repeat('😀', 100)", "''", "repeat('c', 101)", "'a/b {c}'"]),
        ("tenant", ["'default'", "repeat('t', 63)", "repeat('t', 64)", "''", "NULL", "'acme'"]),
        ("template", ["'none'", "NULL", "''"]),
    ]

    /// Each odd value in each right row, and `mixed` rows of several; the same in every run.
    static func all(mixed: Int) -> [OddRow] {
        var rows: [OddRow] = []
        for (number, (column, values)) in odd.enumerated() {
            for value in values {
                let fitting = bases.filter { base in
                    base.contains { $0.0 == column } || !["address", "phone", "email"].contains(column)
                }
                rows.append(OddRow(fitting[number % fitting.count], [(column, value)]))
                rows.append(OddRow(fitting[(number + 3) % fitting.count], [(column, value)]))
            }
        }
        var state: UInt64 = 1
        func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<mixed {
            let changes = (0...next(below: 3)).map { _ in
                let (column, values) = odd[next(below: odd.count)]
                return (column, values[next(below: values.count)])
            }
            rows.append(OddRow(bases[next(below: bases.count)], changes))
        }
        return rows
    }

    private init(_ base: [(String, String)], _ changes: [(String, String)]) {
        var values = base
        for change in changes {
            values.removeAll { $0.0 == change.0 }
            values.append(change)
        }
        self.values = values.map { (column: $0.0, sql: $0.1) }
    }
}
