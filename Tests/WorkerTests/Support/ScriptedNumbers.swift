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

/// A Lookup that holds its first questions until it is told their answer; what is asked when it has an answer gets that at once.
final class HeldNumbers: NumberSource {
    private struct State {
        var waiting: [CheckedContinuation<LookupReading, Never>] = []
        var answer: LookupReading?
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func lookUp(_ number: String, _ packages: Set<LookupPackage>, within time: Duration) async -> LookupReading {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> (LookupReading?, [CheckedContinuation<Void, Never>]) in
                if let answer = state.answer { return (answer, []) }
                state.waiting.append(continuation)
                let count = state.waiting.count
                let reached = state.watchers.filter { $0.count <= count }.map(\.continuation)
                state.watchers.removeAll { $0.count <= count }
                return (nil, reached)
            }
            for watcher in ready.1 { watcher.resume() }
            if let answer = ready.0 { continuation.resume(returning: answer) }
        }
    }

    /// Until so many questions are held.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiting.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// What is asked from now on gets this answer; what is held stays held.
    func tell(_ reading: LookupReading) { state.withLock { $0.answer = reading } }

    /// What is held gets this answer, and what is asked from now on too.
    func answer(_ reading: LookupReading) {
        let held = state.withLock { state in
            defer { state.waiting = [] }
            state.answer = reading
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
