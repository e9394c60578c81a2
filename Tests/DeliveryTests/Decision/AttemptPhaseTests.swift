import Delivery
import Testing

@Suite("Phases of an attempt")
struct AttemptPhaseTests {
    @Test("every phase and every fact lead to the documented phase", arguments: PhaseOracle.phases)
    func table(_ phase: AttemptPhase) {
        for fact in AttemptFact.all {
            #expect(phase.after(fact) == PhaseOracle.after(phase, fact), "\(phase) + \(fact)")
        }
    }

    @Test("the tables run over every case")
    func complete() {
        #expect(Set(PhaseOracle.phases).count == 3 + 15 + 6 + 6 + 22)
        #expect(Set(AttemptFact.all).count == 6 + 22 + 22 + 6 + 15)
        #expect(Set([.open] + AttemptFact.all.map(AttemptPhase.init)) == Set(PhaseOracle.reachable))
    }

    @Test("a fact never lowers a phase, and telling it twice tells nothing", arguments: PhaseOracle.phases)
    func monotone(_ phase: AttemptPhase) {
        for fact in AttemptFact.all {
            let after = phase.after(fact)
            #expect(after >= phase)
            #expect(after.after(fact) == after)
        }
    }

    /// Any permutation is a row of exchanges of neighbours, so this alone proves the promise for any number of facts.
    @Test("any two facts may change places, in every phase", arguments: PhaseOracle.phases)
    func exchange(_ phase: AttemptPhase) {
        for one in AttemptFact.all {
            for other in AttemptFact.all where phase.after(one).after(other) != phase.after(other).after(one) {
                Issue.record("\(phase): \(one) and \(other) do not commute")
            }
        }
    }

    @Test("the order of phases is total")
    func total() {
        let phases = PhaseOracle.phases
        for one in phases {
            for other in phases {
                let relations = [one < other, one == other, other < one]
                #expect(relations.count { $0 } == 1, "\(one) and \(other)")
            }
        }
    }

    @Test("how far it got is known of what the provider has, and of nothing else")
    func level() {
        for phase in PhaseOracle.phases {
            switch phase {
            case .underway(let level), .arrived(let level): #expect(phase.level == level)
            case .open, .unanswered, .notSent, .skipped, .failed: #expect(phase.level == nil)
            }
        }
    }
}
