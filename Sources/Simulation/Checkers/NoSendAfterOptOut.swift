import Delivery

/// Promise 3: no intent is taken after a committed opt-out of its address and channel; nor, by phone, after a provider's
/// word that the person opted out is recorded for the same number.
struct NoSendAfterOptOut: Checker {
    let name = "no-send-after-opt-out"
    private var since: [SuppressionKey: Time] = [:]
    private var told: [String: Time] = [:]
    private var addresses: [Database.FactAddress: String] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .suppressed(let address, let channel, let lifted):
            since[SuppressionKey(address: address, channel: channel)] = lifted ? nil : now
            if lifted { told[address] = nil }
        case .event(let event): return see(event, at: now)
        default: break
        }
        return nil
    }

    private mutating func see(_ event: EventRecord, at now: Time) -> String? {
        let attempt = Database.FactAddress(jobID: event.jobID, generation: event.generation)
        if event.kind != "intent" {
            if event.code == "21610", ["answer", "receipt"].contains(event.kind), let address = addresses[attempt] {
                told[address] = now
            }
            return nil
        }
        guard let address = event.address, let channel = event.channel else { return nil }
        addresses[attempt] = address
        let opted = [since[SuppressionKey(address: address, channel: channel)], channel.isPhone ? told[address] : nil]
        guard let first = opted.compactMap(\.self).min(), first < event.at else { return nil }
        return "\(event): \(address) had opted out at \(first / 1000) ms"
    }
}
