/// Promise 2: the provider takes at most one message for one intent.
struct OneAcceptPerIntent: Checker {
    let name = "one-accept-per-intent"
    private var accepted: [Database.FactAddress: String] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .accepted(let id, let wire) = fact else { return nil }
        let address = Database.FactAddress(jobID: wire.jobID, generation: wire.generation)
        if let first = accepted[address] {
            return "job \(wire.jobID).\(wire.generation) was taken as \(first) and \(id)"
        }
        accepted[address] = id
        return nil
    }
}
