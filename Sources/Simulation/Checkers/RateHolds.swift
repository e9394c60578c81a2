import Delivery

/// Promise 7: of one sender's rate no more is taken in a window than it holds, over all workers. One message longer than
/// a whole window may pass it alone.
struct RateHolds: Checker {
    let name = "rate-holds"
    private var rates: [Int: Double] = [:]
    private var taken: [WindowKey: (cost: Int, messages: Int)] = [:]

    init(senders: [SenderRow]) {
        for sender in senders { rates[sender.id] = sender.rate }
    }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .event(let event) = fact, event.kind == "intent", let sender = event.senderID,
            let rate = rates[sender]
        else { return nil }
        let perWindow = max(1, Int(rate))
        let length = rate >= 1 ? 1000 : Int((1000 / rate).rounded(.up))
        let window = WindowKey(senderID: sender, slot: Int(event.at.instant.microseconds / 1000) / length)
        let (cost, messages) = taken[window] ?? (0, 0)
        taken[window] = (cost + event.cost, messages + 1)
        guard cost + event.cost > perWindow, messages > 0 else { return nil }
        return "\(event): \(cost + event.cost) in a window of \(perWindow)"
    }
}
