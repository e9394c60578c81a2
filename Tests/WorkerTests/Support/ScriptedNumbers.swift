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

/// A Lookup that holds its first questions until it is told their answer. What is asked beyond them is answered at once.
final class HeldNumbers: NumberSource {
    private struct State {
        var waiting: [CheckedContinuation<LookupReading, Never>] = []
        var held = 0
        var watcher: CheckedContinuation<Void, Never>?
        var others: LookupReading
    }

    private let most: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - most: how many questions are held.
    ///   - others: what the others are told.
    init(holding most: Int, others: LookupReading) {
        self.most = most
        state = Mutex(State(others: others))
    }

    func lookUp(_ number: String, _ packages: Set<LookupPackage>, within time: Duration) async -> LookupReading {
        await withCheckedContinuation { continuation in
            let (answer, watcher) = state.withLock { state -> (LookupReading?, CheckedContinuation<Void, Never>?) in
                guard state.held < most else { return (state.others, nil) }
                state.held += 1
                state.waiting.append(continuation)
                guard state.held == most else { return (nil, nil) }
                defer { state.watcher = nil }
                return (nil, state.watcher)
            }
            watcher?.resume()
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Until all that it holds are asked.
    func whole() async {
        await withCheckedContinuation { continuation in
            let isWhole = state.withLock { state in
                if state.held < most { state.watcher = continuation }
                return state.held == most
            }
            if isWhole { continuation.resume() }
        }
    }

    /// What is held gets this answer, and so do all others from now on.
    func answer(_ reading: LookupReading) {
        let held = state.withLock { state in
            defer { state.waiting = [] }
            state.others = reading
            return state.waiting
        }
        for continuation in held { continuation.resume(returning: reading) }
    }
}

extension NumberLookup {
    fileprivate func only(_ packages: Set<LookupPackage>) -> NumberLookup {
        NumberLookup(answers.filter { packages.contains($0.key) })
    }
}
