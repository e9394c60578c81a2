import Delivery
import Providers
import Synchronization
import Worker

/// A Lookup that tells what it is told to, and remembers what it was asked. Every other number is a mobile of no risk.
final class ScriptedNumbers: NumberSource {
    struct Question: Sendable, Hashable {
        var number: String
        var packages: Set<LookupPackage>
        var time: Duration
    }

    private let state = Mutex<(told: [String: LookupReading], asked: [Question])>(([:], []))

    var asked: [Question] { state.withLock { $0.asked } }

    func tell(_ number: String, _ reading: LookupReading) {
        state.withLock { $0.told[number] = reading }
    }

    func tell(_ number: String, _ answers: [LookupPackage: NumberLookup.Answer]) {
        tell(number, .told(NumberLookup(answers)))
    }

    func lookUp(_ number: String, _ packages: Set<LookupPackage>, within time: Duration) async -> LookupReading {
        state.withLock { state in
            state.asked.append(Question(number: number, packages: packages, time: time))
            guard let told = state.told[number] else {
                return .told(NumberLookup([.lineType: .line(.mobile), .risk: .risk(0)]).only(packages))
            }
            guard case .told(let lookup) = told else { return told }
            return .told(lookup.only(packages))
        }
    }
}

extension NumberLookup {
    fileprivate func only(_ packages: Set<LookupPackage>) -> NumberLookup {
        NumberLookup(answers.filter { packages.contains($0.key) })
    }
}
