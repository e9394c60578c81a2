import Simulation
import Testing

@Suite("The simulator")
struct SimulationTests {
    @Test("one seed is one run", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func deterministic(seed: UInt64) {
        let first = simulate(seed: seed)
        let second = simulate(seed: seed)
        #expect(first.traceHash == second.traceHash)
        #expect(first.accepted == second.accepted)
    }
}
