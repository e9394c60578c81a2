import Delivery

/// Promise 5: one decision wakes one attempt. Whoever finds a fact recorded already adds no wake-up of its own, or a job
/// that was decided twice would be begun twice, at two times.
struct OneWakePerDecision: Checker {
    let name = "one-wake-per-decision"
    private var placed: Set<Database.FactAddress> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .placed(let row) = fact, row.reason == .dispatch else { return nil }
        let isNew = placed.insert(.init(jobID: row.jobID, generation: row.generation)).inserted
        return isNew ? nil : "\(row): placed before"
    }
}
