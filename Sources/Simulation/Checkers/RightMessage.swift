/// Promise 2: what is recorded as accepted is the message of that very attempt, by the provider's own books, and what is
/// recorded as not taken was not.
struct RightMessage: Checker {
    let name = "right-message"
    private var wires: [String: Wire] = [:]
    private var taken: Set<Database.FactAddress> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .accepted(let id, let wire):
            wires[id] = wire
            taken.insert(.init(jobID: wire.jobID, generation: wire.generation))
        case .event(let event) where event.kind == "answer" && event.status == "accepted":
            guard let id = event.providerID, let wire = wires[id] else { return "\(event): nobody took that" }
            if (wire.jobID, wire.generation) != (event.jobID, event.generation) {
                return "\(event): that is job \(wire.jobID).\(wire.generation)"
            }
        case .event(let event)
        where event.kind == "answer" && ["refused", "not_sent", "skipped"].contains(event.status):
            if taken.contains(.init(jobID: event.jobID, generation: event.generation)) {
                return "\(event): the provider has it"
            }
        default: break
        }
        return nil
    }
}
