import Delivery

/// Promise 4: free text on WhatsApp only within 24 hours of the person's last message to that number.
struct WindowHolds: Checker {
    let name = "window-holds"
    private var wrote: [ConversationKey: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .wrote(let address, let to, _, let ago):
            let key = ConversationKey(address: address, sender: to)
            wrote[key] = max(wrote[key] ?? .min, now - ago)
        case .bodyLeft(let wire) where wire.channel == .whatsapp && wire.isFreeForm:
            guard let last = wrote[ConversationKey(address: wire.to, sender: wire.from)] else {
                return "\(wire): the person never wrote"
            }
            if now - last > .seconds(86_400) { return "\(wire): the person wrote \((now - last) / 1_000_000) s ago" }
        default: break
        }
        return nil
    }
}
