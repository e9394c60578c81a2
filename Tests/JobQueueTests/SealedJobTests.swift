import Delivery
import JobQueue
import Testing

/// What the schema does with contents that it cannot read.
@Suite("Sealed jobs", .timeLimit(.minutes(5)))
struct SealedJobTests {
    private static let box = String(repeating: "A", count: 50)

    /// A text by key `k1`, a notification by `k2`, a template's data by `k1`, and a job in the clear.
    private static let jobs = """
        INSERT INTO outrider.templates (name, channel, body) VALUES ('hello', 'sms', 'Hi {{name}}');
        INSERT INTO outrider.jobs (channel, address, sealed, category) VALUES ('sms', '+15550000009', 'v1.k1.\(box)', 'transactional');
        INSERT INTO outrider.jobs (kind, ladder, phone, email, sealed, category)
        VALUES ('notify', 'standard', '+15550000009', 'ann@example.com', 'v1.k2.\(box)', 'transactional');
        INSERT INTO outrider.jobs (channel, address, template, sealed, category)
        VALUES ('sms', '+15550000009', 'hello', 'v1.k1.\(box)', 'transactional');
        INSERT INTO outrider.jobs (channel, address, body, category) VALUES ('sms', '+15550000009', 'Hello', 'transactional');
        """

    @Test("a take brings what is sealed as it stands, with the addresses that it belongs to; no other job has any")
    func taken() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.jobs)
            let rows = try await queue.take().take.rows
            let seals = rows.compactMap { row in
                if case .job(let job) = row.state { (job.id, job.content.seal, job.content.isTemplate) } else { nil }
            }.sorted { $0.0 < $1.0 }
            func closed(_ key: String, _ address: String?, _ phone: String?, _ email: String?) -> ContentSeal {
                .closed(SealedContent("v1.\(key).\(Self.box)", address: address, phone: phone, email: email))
            }
            #expect(seals.map(\.0) == [1, 2, 3, 4])
            #expect(
                seals.map(\.1) == [
                    closed("k1", "+15550000009", nil, nil), closed("k2", nil, "+15550000009", "ann@example.com"),
                    closed("k1", "+15550000009", nil, nil), .none,
                ])
            #expect(seals.map(\.2) == [false, false, true, false])
        }
    }

    @Test("what is sealed is purged with the content, and a job that is asked for again says the same")
    func purgedAndRetried() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.jobs)
            try await queue.run(
                """
                INSERT INTO outrider.events (job_id, generation, kind, status, code)
                SELECT id, 0, 'outcome', 'ended', 'exhausted' FROM outrider.jobs;
                SELECT outrider.retry(1), outrider.retry(3), outrider.purge_jobs('{1,2,3}', true, false)
                """)
            let kept = try await queue.texts(
                "SELECT concat_ws(' ', id, template, left(sealed, 5)) AS v FROM outrider.jobs ORDER BY id")
            #expect(kept == ["1", "2", "3 hello", "4", "5 v1.k1", "6 hello v1.k1"])
        }
    }

    @Test("keys are counted a part at a time, those of jobs that wait apart from those that have ended")
    func counted() async throws {
        try await TestQueue.with { queue in
            try await queue.run(Self.jobs)
            try await queue.run(
                "INSERT INTO outrider.events (job_id, generation, kind, status, code) VALUES (3, 0, 'outcome', 'ended', 'delivered')"
            )
            func part(_ after: Int, _ size: Int) async throws -> String? {
                try await queue.texts(
                    "SELECT concat_ws(' ', keys, waiting, ended, until) AS v FROM outrider.sealed_jobs(\(after), \(size))"
                )[0]
            }
            #expect(try await part(0, 50_000) == "{k1,k2} {1,1} {1,0}")
            #expect(try await part(0, 2) == "{k1,k2} {1,1} {0,0} 2")
            #expect(try await part(2, 2) == "{k1} {0} {1} 4")
            #expect(try await part(4, 2) == "{} {} {}")
            #expect(
                try await queue.texts("SELECT concat_ws(' ', key, count) AS v FROM outrider.sealed_due() ORDER BY key")
                    == ["k1 2", "k2 1"])
        }
    }
}
