import Simulation
import Testing

@Suite("The simulator")
struct SimulationTests {
    @Test("one seed is one run", arguments: [1, 2, 3] as [UInt64])
    func deterministic(seed: UInt64) {
        let first = simulate(seed: seed, tracing: .lines)
        let second = simulate(seed: seed, tracing: .lines)
        #expect(first.trace == second.trace)
        #expect(first.traceHash == second.traceHash && first.trace.count > 10)
    }

    @Test("two seeds are two runs")
    func different() {
        #expect(simulate(seed: 1).traceHash != simulate(seed: 2).traceHash)
    }

    @Test("no seed that ever failed fails again")
    func regressions() {
        let result = Soak(seeds: Regression.all.map(\.seed)).run()
        #expect(result.runs == Regression.all.count)
        #expect(result.failures.map(\.seed) == [])
    }
}
