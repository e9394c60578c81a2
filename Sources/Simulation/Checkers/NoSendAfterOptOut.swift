import Delivery

/// Promise 3: no intent is taken in a snapshot that follows a committed opt-out of its address and channel; nor, by phone,
/// after a provider's word that the person opted out is recorded for the same number, unless the person has allowed
/// contact again since the provider said so.
struct NoSendAfterOptOut: Checker {
    let name = "no-send-after-opt-out"
    private var since: [SuppressionKey: Time] = [:]
    private var allowed: [String: Time] = [:]
    private var wires: [String: Wire] = [:]
    /// When the provider said of an attempt that the person had opted out.
    private var said: [Database.FactAddress: Time] = [:]
    /// When that was recorded.
    private var told: [String: Time] = [:]
    private var addresses: [Database.FactAddress: String] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .suppressed(let address, let channel, let lifted):
            since[SuppressionKey(address: address, channel: channel)] = lifted ? nil : now
            if lifted { (told[address], allowed[address]) = (nil, now) }
        case .accepted(let id, let wire): wires[id] = wire
        case .refused(let wire, "21610"): said[wire.attempt] = now
        case .became(let id, let status, _) where status.contains("21610"):
            if let wire = wires[id] { said[wire.attempt] = now }
        case .intent(let event, let address, _): return begin(event, to: address)
        case .event(let event) where event.event.providerCode == "21610":
            let attempt = event.attempt
            guard let address = addresses[attempt], let said = said[attempt], said > allowed[address] ?? -1 else {
                break
            }
            told[address] = told[address] ?? now
        default: break
        }
        return nil
    }

    private mutating func begin(_ intent: RecordedEvent, to address: String?) -> String? {
        guard let address, let channel = intent.channel else { return nil }
        addresses[intent.attempt] = address
        let opted = [since[SuppressionKey(address: address, channel: channel)], channel.isPhone ? told[address] : nil]
        guard let first = opted.compactMap(\.self).min(), first < intent.time else { return nil }
        return "\(intent.line): \(address) had opted out at \(first / 1000) ms"
    }
}
