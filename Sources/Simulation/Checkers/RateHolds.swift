import Delivery

/// Promise 7: of one sender's rate no more leaves on the intents of one window than it holds, over all workers. One message
/// longer than a whole window may pass it alone.
///
/// It counts bodies, not intents: a claim whose answer was lost has used up a part of its window that its worker does not
/// know of, and nothing is ever sent on those intents.
struct RateHolds: Checker {
    let name = "rate-holds"
    private var rates: [Int: Double] = [:]
    private var intents: [String: EventRecord] = [:]
    private var left: [WindowKey: (cost: Int, messages: Int)] = [:]

    init(senders: [SenderRow]) {
        for sender in senders { rates[sender.id] = sender.rate }
    }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .event(let event) where event.kind == "intent":
            if let token = event.token { intents[token] = event }
            return nil
        case .bodyLeft(let wire):
            return intents[wire.token].flatMap { count($0) }
        default: return nil
        }
    }

    private mutating func count(_ intent: EventRecord) -> String? {
        guard let sender = intent.senderID, let rate = rates[sender] else { return nil }
        let perWindow = max(1, Int(rate))
        let length = rate >= 1 ? 1000 : Int((1000 / rate).rounded(.up))
        let window = WindowKey(senderID: sender, slot: Int(intent.at.instant.microseconds / 1000) / length)
        let (cost, messages) = left[window] ?? (0, 0)
        left[window] = (cost + intent.cost, messages + 1)
        guard cost + intent.cost > perWindow, messages > 0 else { return nil }
        return "\(intent): \(cost + intent.cost) in a window of \(perWindow)"
    }
}
