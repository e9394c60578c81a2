import Simulation
import TestDatabase
import Testing

/// One thing that every store must do.
struct Contract: Sendable, CustomTestStringConvertible {
    var rule: String
    /// Throws `Broken` when the store does not do it.
    var check: @Sendable (any ContractQueue) async throws -> Void

    init(_ rule: String, _ check: @escaping @Sendable (any ContractQueue) async throws -> Void) {
        self.rule = rule
        self.check = check
    }

    static let all = taking + beginning + recording + handingOn + ending

    var testDescription: String { rule }
}

@Suite("The contract of stores")
struct StoreContractTests {
    @Test("PostgreSQL keeps it", arguments: Contract.all)
    func postgres(contract: Contract) async throws {
        try await PostgresQueue.with { try await contract.check($0) }
    }

    @Test("the simulator's store keeps it", arguments: Contract.all)
    func simulation(contract: Contract) async throws {
        try await contract.check(SimulatedQueue())
    }

    @Test("it finds what no run shows", arguments: [PlantedBug.urgencyForgotten, .costForgotten])
    func bugs(bug: PlantedBug) async {
        var broken: [String] = []
        for contract in Contract.all {
            do { try await contract.check(SimulatedQueue(bug: bug)) } catch {
                broken.append("\(contract.rule): \(error)")
            }
        }
        #expect(!broken.isEmpty, "no rule of the contract is broken by \(bug.rawValue)")
        #expect(Soak(seeds: 1...10, bug: bug, threads: 1).run().failures.isEmpty)
    }
}
