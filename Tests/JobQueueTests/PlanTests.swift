import Foundation
import Postgres
import Testing

@testable import JobQueue

@Suite("Statements and their plans")
struct PlanTests {
    @Test("every statement of the queue is known to these tests")
    func complete() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/JobQueue")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let declared = try files.reduce(0) {
            try $0 + String(contentsOf: $1, encoding: .utf8).matches(of: /= Statement\(/).count
        }
        #expect(declared == Statement.ofJobQueue.count)
        #expect(Set(Statement.ofJobQueue.map(\.name)).count == declared)
    }

    @Test("a worker can prepare every statement and has the privileges for it", arguments: Statement.ofJobQueue)
    func prepared(statement: Statement) async throws {
        try await TestQueue.with { queue in
            let name = statement.name.replacing(".", with: "_")
            let count = statement.sql.matches(of: /\$(\d+)/).compactMap { Int($0.1) }.max() ?? 0
            let values = Array(repeating: "NULL", count: count).joined(separator: ", ")
            try await queue.workers.run(
                script: """
                    PREPARE \(name) AS \(statement.sql);
                    EXPLAIN EXECUTE \(name)\(values.isEmpty ? "" : "(\(values))")
                    """)
        }
    }

    @Test("hot statements walk indexes with empty, stale and large statistics")
    func hotPlans() async throws {
        try await TestQueue.with { queue in
            try await check(queue, "empty", of: ["jobs", "events"])  // An empty due table may be walked.
            try await queue.run("ANALYZE")
            try await queue.run(
                """
                SELECT outrider.create_partitions(4);
                INSERT INTO outrider.jobs (id, channel, address, body, category)
                SELECT n % 4 * 5000000 + n, 'sms', '+1555' || lpad(n::text, 7, '0'), 'Hello', 'transactional'
                  FROM generate_series(1, 200000) n;
                INSERT INTO outrider.events (job_id, generation, kind, status)
                SELECT id, 1, 'intent', 'taken' FROM outrider.jobs;
                INSERT INTO outrider.due (at, job_id, lane, reason, step, generation)
                SELECT clock_timestamp(), id, 0, 'receipt', 0, 1 FROM outrider.jobs;
                INSERT INTO outrider.suppressions (address, channel, reason, source)
                SELECT '+1666' || lpad(n::text, 7, '0'), 'sms', 'test', 'test' FROM generate_series(1, 20000) n
                """)
            try await check(queue, "stale")
            try await queue.run("ANALYZE")
            try await check(queue, "large")
        }
    }

    private func check(_ queue: TestQueue, _ statistics: String, of tables: [String] = ["jobs", "events", "due"])
        async throws
    {
        for (statement, parameters) in Self.hot {
            let explain = Statement(name: "explain." + statement.name, sql: "EXPLAIN (FORMAT JSON) " + statement.sql)
            let rows = try await queue.workers.fetch(explain, parameters)
            let plan = try PlanNode(explained: try rows.map { try $0.string("QUERY PLAN") }.joined())
            let context = "\(statement.name) with \(statistics) statistics"
            let big = plan.all.filter { $0.scans(tables) }
            #expect(statistics == "empty" || !big.isEmpty, "\(context)")
            for node in big where node.type == "Seq Scan" {
                Issue.record("\(context): a walk over \(node.relation ?? "")")
            }
            for node in plan.all where node.relation?.hasPrefix("events") == true {
                for index in node.all where index.index != nil {
                    #expect(
                        index.index?.hasSuffix("_pkey") == true && index.condition.contains("job_id ="),
                        "\(context): \(index.type) \(index.index ?? "")")
                }
            }
            for node in plan.all
            where node.relation == "suppressions" && node.type != "ModifyTable" && statistics != "empty" {
                #expect(node.all.contains { $0.condition.contains("address =") }, "\(context): \(node.type)")
            }
            for lane in big where lane.relation == "due" && lane.type != "Tid Scan" {
                #expect(lane.index == "due_by_lane" && lane.type.hasPrefix("Index"), "\(context)")
                #expect(lane.condition.contains("lane =") && lane.condition.contains("at <="), "\(context)")
                #expect(lane.condition.contains("ROW("), "\(context)")
            }
            guard statistics != "empty" else { continue }
            let pick = plan.all.first { $0.subplan == "CTE pick" }
            #expect(pick?.all.contains { $0.type.contains("Sort") } != true, "\(context)")
            #expect(statement != .claimSends && statement != .claimWakes || pick != nil, "\(context)")
        }
    }

    private static let hot: [(Statement, [Parameter])] = [
        (
            .claimSends,
            [.int(6), .int(0), .int(0), .int(200), .text("w1"), .int(1), .int(1000), .int(50), .null, .int(0)]
        ),
        (.claimWakes, [.int(0), .int(0), .int(200), .text("w1")]),
        (.lanesDue, [.intArray([4, 5, 6, 7]), .intArray([0, 0, 0, 0]), .intArray([0, 0, 0, 0])]),
        (
            .record,
            [
                .text(#"[{"job_id": 1, "generation": 1, "kind": "answer", "status": "accepted"}]"#),
                .text(
                    #"[{"job_id": 1, "at_us": 1, "reason": "dispatch", "step": 0, "generation": 2, "channel": "sms"}]"#),
                .intArray([1]), .intArray([1]), .intArray([1]), .intArray([1]),
            ]
        ),
        (.rescue, [.text("w1"), .intArray([1]), .double(30), .double(30)]),
        (.withdraw, [.intArray([1]), .text("w1")]),
    ]
}

extension Statement {
    static let ofJobQueue: [Statement] = [
        .claimSends, .claimWakes, .lanesDue, .record, .rescue, .abandonLeases, .senders, .reroute, .dropOldWindows,
        .dropSettledSends, .leases, .withdraw,
    ]
}
