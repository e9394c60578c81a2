import Delivery

/// Promise 2: the provider takes at most one message for one intent.
struct OneAcceptPerIntent: Checker {
    let name = "one-accept-per-intent"
    private var accepted: [AttemptKey: String] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .accepted(let id, let wire) = fact else { return nil }
        let address = AttemptKey(jobID: wire.jobID, generation: wire.generation)
        if let first = accepted[address] {
            return "job \(wire.jobID).\(wire.generation) was taken as \(first) and \(id)"
        }
        accepted[address] = id
        return nil
    }
}

/// Promise 2: a step is begun again only for one of four reasons. What came before was not taken; or it failed by the
/// provider's own books; or the repeat is marked as one (`resend`), once a step; or a person decided it. No repeat leaves
/// by an intent that is later than word that the provider has the message.
struct ProofBeforeRepeat: Checker {
    let name = "proof-before-repeat"
    let ladders: [Ladder]
    private var taken: [Int: [(id: String, generation: Int)]] = [:]
    private var failed: Set<String> = []
    private var steps: [AttemptKey: Int] = [:]
    private var excused: Set<AttemptKey> = []
    private var resends: [AttemptKey: Int] = [:]
    private var told: [Int: [(at: Time, generation: Int, id: String?)]] = [:]
    private var intents: [String: Time] = [:]

    init(ladders: [Ladder]) {
        self.ladders = ladders
    }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .accepted(let id, let wire):
            taken[wire.jobID, default: []].append((id, wire.generation))
            return nil
        case .became(let id, _, let isFailure):
            if isFailure { failed.insert(id) } else { failed.remove(id) }
            return nil
        case .intent(let event, _):
            if let token = event.event.token { intents[token] = event.time }
            return begin(event)
        case .event(let event):
            note(event, at: now)
            return see(event)
        case .bodyLeft(let wire): return leave(wire)
        default: return nil
        }
    }

    private mutating func note(_ event: RecordedEvent, at now: Time) {
        if event.event.receipt != nil || event.event.isAcceptance {
            told[event.jobID, default: []].append((now, event.generation, event.event.providerID))
        }
    }

    private func leave(_ wire: Wire) -> String? {
        guard let intent = intents[wire.token] else { return nil }
        let step = steps[.init(jobID: wire.jobID, generation: wire.generation)]
        for word in told[wire.jobID] ?? [] where word.generation < wire.generation && word.at < intent {
            guard steps[.init(jobID: wire.jobID, generation: word.generation)] == step,
                !(word.id.map(failed.contains) ?? true)
            else { continue }
            return "\(wire) repeats .\(word.generation), which was known to be taken at \(word.at / 1000) ms"
        }
        return nil
    }

    private mutating func see(_ event: RecordedEvent) -> String? {
        switch event.event {
        case .released(asSent: false, _): excused.insert(event.attempt)
        case .decided(.resend, _, _):
            excused.insert(event.attempt)
            let step = AttemptKey(jobID: event.jobID, generation: event.step ?? 0)
            resends[step, default: 0] += 1
            if resends[step, default: 0] > 1 { return "job \(event.jobID) step \(event.step ?? 0) is resent twice" }
        default: break
        }
        return nil
    }

    private mutating func begin(_ event: RecordedEvent) -> String? {
        steps[event.attempt] = event.step
        for earlier in taken[event.jobID] ?? [] where earlier.generation < event.generation {
            let before = AttemptKey(jobID: event.jobID, generation: earlier.generation)
            guard steps[before] == event.step, !failed.contains(earlier.id) else { continue }
            // Later attempts of the step go on from the one that was excused.
            let isExcused = (earlier.generation..<event.generation).contains {
                excused.contains(.init(jobID: event.jobID, generation: $0))
            }
            if !isExcused {
                return
                    "job \(event.jobID).\(event.generation) repeats \(earlier.id), which was taken and has not failed"
            }
        }
        return nil
    }
}

/// Promise 2: what is recorded as accepted is the message of that very attempt, by the provider's own books, and what is
/// recorded as not taken was not.
struct RightMessage: Checker {
    let name = "right-message"
    private var wires: [String: Wire] = [:]
    private var taken: Set<AttemptKey> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .accepted(let id, let wire):
            wires[id] = wire
            taken.insert(.init(jobID: wire.jobID, generation: wire.generation))
        case .event(let event): return event.event.answer.flatMap { judge($0, event) }
        default: break
        }
        return nil
    }

    private func judge(_ answer: JobEvent.Answer, _ event: RecordedEvent) -> String? {
        switch answer {
        case .accepted(let id, _):
            guard let id, let wire = wires[id] else { return "\(event.line): nobody took that" }
            return wire.attempt == event.attempt
                ? nil : "\(event.line): that is job \(wire.jobID).\(wire.generation)"
        case .refused, .notSent, .skipped:
            return taken.contains(event.attempt) ? "\(event.line): the provider has it" : nil
        case .unknown, .lost: return nil
        }
    }
}
