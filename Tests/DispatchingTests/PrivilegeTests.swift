import Postgres
import TestDatabase
import Testing

@testable import Dispatching

/// A statement's privileges are judged when its plan is opened, so explaining it tries them without running it.
@Suite("Privileges", .timeLimit(.minutes(5)))
struct PrivilegeTests {
    private static let ofOverview: [Statement] = [
        .dueCounts, .oldestOverdue, .outcomeCounts, .heldCount, .leasedCount, .unheard, .suppressionCounts,
        .liveWorkers, .recentJobs, .jobByID, .timeline, .databaseAnswers,
    ]
    private static let ofReceipts: [Statement] = [.storeReceipts, .storeInbound, .storeSuppressions]
    private static let ofCatchUp: [Statement] = [
        .watchNumbers, .claimCatchUp, .keepCatchUp, .putOffCatchUp, .hastenReceipts, .lockWords, .storeInbound,
    ]
    private static let ofRole = [
        "outrider_gateway": ofOverview + ofReceipts + [.gatewayBeats, .gatewayEnds], "outrider_operator": ofOverview,
        "outrider_worker": ofCatchUp,
    ]

    @Test(
        "the gateway may run each of its statements, an operator each that looks on, a worker each that catches up",
        arguments: ["outrider_gateway", "outrider_operator", "outrider_worker"])
    func statements(role: String) async throws {
        let statements = try #require(Self.ofRole[role])
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url + "?options=-crole%3D\(role)", poolSize: 1))
        for statement in statements {
            let name = statement.name.replacing(".", with: "_")
            let values = Array(repeating: "null", count: Self.parameters(of: statement)).joined(separator: ", ")
            do {
                try await pool.run(script: "prepare \(name) as \(statement.sql)")
                try await pool.run(script: "explain execute \(name)\(values.isEmpty ? "" : "(\(values))")")
            } catch {
                Issue.record("\(role), \(statement.name): \(error)")
            }
        }
        await pool.close()
    }

    /// How many parameters a statement takes: the highest `$n` it names.
    private static func parameters(of statement: Statement) -> Int {
        statement.sql.matches(of: /\$(\d+)/).compactMap { Int($0.1) }.max() ?? 0
    }
}
