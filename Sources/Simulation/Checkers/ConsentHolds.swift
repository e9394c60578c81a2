import Delivery

/// Promise 3: no intent is taken in a snapshot that follows a committed opt-out of its address and channel.
/// A provider's recorded word that a number opted out closes every phone channel to it. Only the person's later word opens
/// them again.
struct NoSendAfterOptOut: Checker {
    let name = "no-send-after-opt-out"
    private var since: [SuppressionKey: Time] = [:]
    private var allowed: [String: Time] = [:]
    private var wires: [String: Wire] = [:]
    /// When the provider said of an attempt that the person had opted out.
    private var said: [AttemptKey: Time] = [:]
    /// When that was recorded.
    private var told: [String: Time] = [:]
    private var addresses: [AttemptKey: String] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .suppressed(let address, let channel, let lifted):
            since[SuppressionKey(address: address, channel: channel)] = lifted ? nil : now
            if lifted { (told[address], allowed[address]) = (nil, now) }
        case .accepted(let id, let wire): wires[id] = wire
        case .refused(let wire, "21610"): said[wire.attempt] = now
        case .became(let id, let status, _) where status.contains("21610"):
            if let wire = wires[id] { said[wire.attempt] = now }
        case .intent(let event, let beginning): return begin(event, beginning)
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

    private mutating func begin(_ intent: RecordedEvent, _ beginning: Beginning) -> String? {
        guard let address = beginning.address, let channel = intent.channel else { return nil }
        addresses[intent.attempt] = address
        let opted = [since[SuppressionKey(address: address, channel: channel)], channel.isPhone ? told[address] : nil]
        guard let first = opted.compactMap(\.self).min(), first < beginning.seen else { return nil }
        return "\(intent.line): \(address) had opted out at \(first / 1000) ms"
    }
}

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

/// A campaign that is paused begins nothing: no intent of it is taken in a snapshot that follows the committed pause.
struct PauseHolds: Checker {
    let name = "pause-holds"
    private var campaigns: [Int: Int] = [:]
    private var pausedSince: [Int: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): campaigns[job.id] = job.campaignID
        case .campaign(let id, let isPaused): pausedSince[id] = isPaused ? pausedSince[id] ?? now : nil
        case .intent(let event, let beginning):
            guard let pause = campaigns[event.jobID].flatMap({ pausedSince[$0] }), pause < beginning.seen else {
                return nil
            }
            return "\(event.line): its campaign was paused at \(pause / 1000) ms"
        default: break
        }
        return nil
    }
}
