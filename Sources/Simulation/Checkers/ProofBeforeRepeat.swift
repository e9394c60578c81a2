import Delivery

/// Promise 2: a step is begun again only when what came before was not taken, or failed by the provider's own books, or
/// the repeat is marked as one (`resend`), once a step, or a person decided it.
struct ProofBeforeRepeat: Checker {
    let name = "proof-before-repeat"
    let ladders: [Ladder]
    private var taken: [Int: [(id: String, generation: Int)]] = [:]
    private var failed: Set<String> = []
    private var steps: [Database.FactAddress: Int] = [:]
    private var excused: Set<Database.FactAddress> = []
    private var resends: [Database.FactAddress: Int] = [:]

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
        case .event(let event): return see(event)
        default: return nil
        }
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
