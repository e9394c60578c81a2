import Postgres
import TestDatabase
import Testing

@testable import Insight

@Suite("Privileges of what is shown", .timeLimit(.minutes(5)))
struct PrivilegeTests {
    private static let statements: [Statement] = [
        .dueCounts, .oldestOverdue, .outcomeCounts, .heldCount, .leasedCount, .unheard, .suppressionCounts,
        .liveWorkers, .recentJobs, .jobByID, .timeline, .schemaAnswers,
        .doubtCounts, .condition, .senderStates, .meaning, .reportedTroubles,
    ]

    @Test(
        "the gateway and an operator may run each statement of the overview",
        arguments: ["outrider_gateway", "outrider_operator"])
    func overview(role: String) async throws {
        #expect(try await PostgresServer.refusals(of: Self.statements, to: role) == [])
    }

    @Test("a statement that a role may not run is refused to it")
    func refused() async throws {
        #expect(try await PostgresServer.refusals(of: [.heldJobs], to: "outrider_app").count == 1)
    }
}
