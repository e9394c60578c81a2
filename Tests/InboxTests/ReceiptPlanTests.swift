import Postgres
import TestDatabase
import Testing

@testable import Inbox

@Suite("Plans of the receipt statements", .timeLimit(.minutes(5)))
struct ReceiptPlanTests {
    @Test("an attempt is found by its key, whether the statistics are empty, stale or fresh")
    func byKey() async throws {
        let inbox = try await InboxFixture()
        try await expectKeyLookup(inbox)
        try await inbox.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, token)
            select n, 1, 'intent', 'taken', 0, 'sms', gen_random_uuid() from generate_series(1, 50000) n
            """)
        try await expectKeyLookup(inbox)
        try await inbox.admin.run(script: "analyze outrider.events")
        try await expectKeyLookup(inbox)
    }

    @Test("the words of a person are found by an index, within the statement's own plan")
    func wordsByPerson() async throws {
        let inbox = try await InboxFixture()
        try await inbox.query(
            """
            insert into outrider.inbound_messages (provider_id, channel, from_address, to_address, keyword)
            select 'SM' || n, 'sms', '+1555' || lpad(n::text, 7, '0'), '+15550000000', 'stop' from generate_series(1, 20000) n
            """)
        try await inbox.admin.run(script: "analyze outrider.inbound_messages")
        let texts = Parameter.textArray(["x"])
        let rows = try await inbox.admin.fetch(
            Statement(name: "test.words", sql: "explain " + Statement.storeInbound.sql),
            [texts, texts, texts, texts, texts, .intArray([1])])
        let plan = try rows.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
        #expect(plan.contains("Scan using inbound_words"), "\(plan)")
        #expect(!plan.contains("Function Scan on words_of"), "\(plan)")
    }

    /// Partitions that hold nothing may be scanned: there is nothing in them to read.
    private func expectKeyLookup(_ inbox: InboxFixture) async throws {
        let plan = try await plan(inbox)
        #expect(plan.contains("Index Scan using events_0_pkey"), "\(plan)")
        #expect(!plan.contains("Seq Scan on events_0 "), "\(plan)")
        #expect(!plan.contains("Function Scan on late_news"), "\(plan)")
    }

    private func plan(_ inbox: InboxFixture) async throws -> String {
        let count = 128
        let ones = Parameter.intArray(Array(repeating: 1, count: count))
        let texts = Parameter.textArray(Array(repeating: "x", count: count))
        let rows = try await inbox.admin.fetch(
            Statement(name: "test.plan", sql: "explain " + Statement.storeReceipts.sql),
            [
                .intArray(Array(1...count)), ones, .uuidArray(Array(repeating: InboxFixture.token, count: count)),
                texts, texts, texts, texts, texts, .textArray(Array(repeating: "1", count: count)),
                .boolArray(Array(repeating: true, count: count)), texts, texts, texts, .int(60), ones,
                .boolArray(Array(repeating: true, count: count)), .textArray(Array(repeating: nil, count: count)),
                .textArray(Array(repeating: "sms", count: count)),
            ])
        return try rows.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
    }
}
