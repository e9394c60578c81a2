import Delivery

/// Promise 6: what a webhook was answered 200 for is stored, and stays.
struct DurableBeforeAnswer: Checker {
    let name = "durable-before-answer"
    private var answered: Set<String> = []
    private var intents: Set<String> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        if case .webhookAnswered(let key, _) = fact { answered.insert(key) }
        return nil
    }

    func atEnd(_ database: SimulatedDatabase) -> String? {
        var stored = Set(database.inbound.map { "inbound \($0)" })
        for events in database.events.values {
            for event in events {
                guard let receipt = event.event.receipt else { continue }
                stored.insert("receipt \(event.jobID).\(event.generation) \(receipt.status)")
            }
        }
        return answered.filter { !$0.hasPrefix("suppression") && !stored.contains($0) }.sorted().first.map {
            "\($0): answered 200, and nothing is stored"
        }
    }
}
