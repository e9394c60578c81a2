import Postgres
import TestDatabase
import Testing

@testable import Inbox

@Suite("Privileges of what comes in", .timeLimit(.minutes(5)))
struct PrivilegeTests {
    private static let statements: [String: [Statement]] = [
        "outrider_gateway": [.storeReceipts, .storeInbound, .storeSuppressions, .gatewayBeats, .gatewayEnds],
        "outrider_worker": [
            .watchNumbers, .claimCatchUp, .keepCatchUp, .putOffCatchUp, .hastenReceipts, .lockWords, .storeInbound,
        ],
    ]

    @Test(
        "the gateway may run each of its statements, a worker each that catches up",
        arguments: ["outrider_gateway", "outrider_worker"])
    func statements(role: String) async throws {
        let statements = try #require(Self.statements[role])
        #expect(try await PostgresServer.refusals(of: statements, to: role) == [])
    }
}
