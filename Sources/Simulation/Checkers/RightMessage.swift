import Delivery

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
        case .event(let event): return event.event.answer.flatMap { judge($0, event) }
        default: break
        }
        return nil
    }

    private func judge(_ answer: JobEvent.Answer, _ event: RecordedEvent) -> String? {
        switch answer {
        case .accepted(let id, _):
            guard let id, let wire = wires[id] else { return "\(event.line): nobody took that" }
            guard wire.attempt != event.attempt else { return nil }
            return "\(event.line): that is job \(wire.jobID).\(wire.generation)"
        case .refused, .notSent, .skipped:
            return taken.contains(event.attempt) ? "\(event.line): the provider has it" : nil
        case .unknown, .lost: return nil
        }
    }
}
