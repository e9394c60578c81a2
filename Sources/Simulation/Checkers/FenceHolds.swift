import Delivery

/// Promises 3 and 8: no byte of a body leaves without an intent, or later than 5 s after it, whatever slept in between.
struct FenceHolds: Checker {
    let name = "fence-holds"
    private var intents: [String: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .intent(let event, _, _):
            if let token = event.event.token { intents[token] = event.time }
        case .bodyLeft(let wire):
            guard let intent = intents[wire.token] else { return "\(wire): it has no intent" }
            if now - intent > .seconds(5) { return "\(wire): \((now - intent) / 1000) ms after its intent" }
        default: break
        }
        return nil
    }
}
