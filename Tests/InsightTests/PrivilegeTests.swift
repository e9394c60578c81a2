import Postgres
import TestDatabase
import Testing

@testable import Insight

@Suite("Privileges of what is shown", .timeLimit(.minutes(5)))
struct PrivilegeTests {
    private static let statements: [Statement] = [
        .dueCounts, .oldestOverdue, .outcomeCounts, .heldCount, .leasedCount, .unheard, .suppressionCounts,
        .liveWorkers, .recentJobs, .jobByID, .timeline, .why, .schemaAnswers,
        .doubtCounts, .condition, .senderStates, .meaning, .reportedTroubles,
    ]

    @Test(
        "the gateway and an operator may run each statement of the overview",
        arguments: ["outrider_gateway", "outrider_operator"])
    func overview(role: String) async throws {
        #expect(try await PostgresServer.refusals(of: Self.statements, to: role) == [])
    }

    @Test("an operator alone reads and writes whom not to contact and who agreed")
    func evidence() async throws {
        let statements: [Statement] = [.listSuppressions, .listConsents, .importSuppressions, .importConsents]
        #expect(
            try await PostgresServer.refusals(
                of: statements + [.suppressAddress, .liftAddress], to: "outrider_operator") == [])
        for role in ["outrider_app", "outrider_gateway", "outrider_worker"] {
            #expect(try await PostgresServer.refusals(of: statements, to: role).count == statements.count, "\(role)")
        }
    }

    @Test("a statement that a role may not run is refused to it")
    func refused() async throws {
        #expect(try await PostgresServer.refusals(of: [.heldJobs], to: "outrider_app").count == 1)
    }
}
