import Postgres
import Testing

@testable import Dispatching

@Suite("Plans of the receipt statements", .timeLimit(.minutes(5)))
struct ReceiptPlanTests {
    @Test("an attempt is found by its key, whether the statistics are empty, stale or fresh")
    func byKey() async throws {
        let gateway = try await GatewayFixture()
        try await expectKeyLookup(gateway)
        try await gateway.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, token)
            select n, 1, 'intent', 'taken', 0, 'sms', gen_random_uuid() from generate_series(1, 50000) n
            """)
        try await expectKeyLookup(gateway)
        try await gateway.admin.run(script: "analyze outrider.events")
        try await expectKeyLookup(gateway)
    }

    /// Partitions that hold nothing may be scanned: there is nothing in them to read.
    private func expectKeyLookup(_ gateway: GatewayFixture) async throws {
        let plan = try await plan(gateway)
        #expect(plan.contains("Index Scan using events_0_pkey"), "\(plan)")
        #expect(!plan.contains("Seq Scan on events_0 "), "\(plan)")
    }

    private func plan(_ gateway: GatewayFixture) async throws -> String {
        let count = 128
        let ones = Parameter.intArray(Array(repeating: 1, count: count))
        let texts = Parameter.textArray(Array(repeating: "x", count: count))
        let rows = try await gateway.admin.fetch(
            Statement(name: "test.plan", sql: "explain " + Statement.storeReceipts.sql),
            [
                .intArray(Array(1...count)), ones, .uuidArray(Array(repeating: GatewayFixture.token, count: count)),
                texts, texts, texts, texts, texts, .textArray(Array(repeating: "1", count: count)),
                .boolArray(Array(repeating: true, count: count)),
                .textArray(Array(repeating: "{sms}", count: count)), texts, texts, .double(30),
            ])
        return try rows.map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
    }
}
