/// Promise 2: what is recorded as accepted is the message of that very attempt, by the provider's own books, and what is
/// recorded as not taken was not.
///
/// One thing nobody can tell: a listing that shows a message only after two looks in vain, when its attempt is given up,
/// and after that the answer of another one just like it is lost, too. Its message may then be taken for the other's.
struct RightMessage: Checker {
    let name = "right-message"
    private var wires: [String: Wire] = [:]
    private var taken: Set<Database.FactAddress> = []
    private var givenUp: Set<Database.FactAddress> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .accepted(let id, let wire):
            wires[id] = wire
            taken.insert(.init(jobID: wire.jobID, generation: wire.generation))
        case .event(let event) where event.kind == "answer" && event.status == "accepted":
            guard let id = event.providerID, let wire = wires[id] else { return "\(event): nobody took that" }
            if (wire.jobID, wire.generation) != (event.jobID, event.generation), !givenUp.contains(wire.attempt) {
                return "\(event): that is job \(wire.jobID).\(wire.generation)"
            }
        case .event(let event) where event.kind == "reconciled" && event.status == "resolved":
            guard ["resend", "next", "hold", "end"].contains(event.code) else { break }
            givenUp.insert(.init(jobID: event.jobID, generation: event.generation))
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
