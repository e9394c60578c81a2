import Delivery

/// Promise 2: a step is begun again only when what came before was not taken, or failed by the provider's own books, or
/// the repeat is marked as one (`resend`), once a step, or a person decided it; and no repeat leaves by an intent that is
/// later than word that the provider has the message.
struct ProofBeforeRepeat: Checker {
    let name = "proof-before-repeat"
    let ladders: [Ladder]
    private var taken: [Int: [(id: String, generation: Int)]] = [:]
    private var failed: Set<String> = []
    private var steps: [Database.FactAddress: Int] = [:]
    private var excused: Set<Database.FactAddress> = []
    private var resends: [Database.FactAddress: Int] = [:]
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
        case .event(let event):
            note(event, at: now)
            return see(event)
        case .bodyLeft(let wire): return leave(wire)
        default: return nil
        }
    }

    private mutating func note(_ event: EventRecord, at now: Time) {
        if event.kind == "intent", let token = event.token { intents[token] = event.at }
        if event.kind == "receipt" || (event.kind, event.status) == ("answer", "accepted") {
            told[event.jobID, default: []].append((now, event.generation, event.providerID))
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

    private mutating func see(_ event: EventRecord) -> String? {
        let address = Database.FactAddress(jobID: event.jobID, generation: event.generation)
        switch (event.kind, event.status) {
        case ("released", "not_sent"): excused.insert(address)
        case ("next", _) where event.code == "resend":
            excused.insert(address)
            let step = Database.FactAddress(jobID: event.jobID, generation: event.step ?? 0)
            resends[step, default: 0] += 1
            if resends[step, default: 0] > 1 { return "job \(event.jobID) step \(event.step ?? 0) is resent twice" }
        case ("intent", _): return begin(event, address)
        default: break
        }
        return nil
    }

    private mutating func begin(_ event: EventRecord, _ address: Database.FactAddress) -> String? {
        steps[address] = event.step
        for earlier in taken[event.jobID] ?? [] where earlier.generation < event.generation {
            let before = Database.FactAddress(jobID: event.jobID, generation: earlier.generation)
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
