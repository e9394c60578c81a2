import Delivery

/// Promise 3: no intent is taken in a snapshot that follows a committed opt-out of its address and channel that binds its
/// tenant and its category.
/// A provider's recorded word that a number opted out closes every phone channel to it, for the tenants of the number that
/// wrote. Only the person's later word to them opens it again.
struct NoSendAfterOptOut: Checker {
    let name = "no-send-after-opt-out"
    private let numbers: NumberBook
    private var jobs: [Int: JobRow] = [:]
    private var since: [SuppressionKey: Time] = [:]
    private var allowed: [SpeakerKey: Time] = [:]
    private var wires: [String: Wire] = [:]
    /// What the provider said of an attempt, and when.
    private var said: [AttemptKey: (keys: Set<SuppressionKey>, at: Time)] = [:]
    /// When that was recorded.
    private var told: [SuppressionKey: Time] = [:]

    init(senders: [SenderRow] = []) { numbers = NumberBook(senders) }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): jobs[job.id] = job
        case .suppressed(let key, let lifted):
            since[key] = lifted ? nil : now
            if lifted { allow(SpeakerKey(address: key.address, tenant: key.tenant), at: now) }
        case .accepted(let id, let wire): wires[id] = wire
        case .refused(let wire, let code): say(code, wire, at: now)
        case .became(let id, let status, _):
            for code in ["21610", "30004"] where status.contains(code) {
                if let wire = wires[id] { say(code, wire, at: now) }
            }
        case .intent(let event, let beginning): return begin(event, beginning)
        case .event(let event) where ["21610", "30004"].contains(event.event.providerCode):
            guard let said = said[event.attempt] else { break }
            for key in said.keys
            where said.at > allowed[SpeakerKey(address: key.address, tenant: key.tenant)] ?? -1 {
                told[key] = told[key] ?? now
            }
        default: break
        }
        return nil
    }

    private mutating func say(_ code: String, _ wire: Wire, at now: Time) {
        let keys = numbers.closed(by: code, of: wire)
        if !keys.isEmpty { said[wire.attempt] = (keys, now) }
    }

    private mutating func allow(_ speaker: SpeakerKey, at now: Time) {
        allowed[speaker] = now
        for key in told.keys where key.address == speaker.address && key.tenant == speaker.tenant { told[key] = nil }
    }

    private func begin(_ intent: RecordedEvent, _ beginning: Beginning) -> String? {
        guard let address = beginning.address, let channel = intent.channel else { return nil }
        let job = jobs[intent.jobID]
        let binding = SuppressionKey.binding(
            address, on: channel, tenant: job?.tenant ?? "", category: job?.category ?? .otp)
        guard let first = binding.flatMap({ [since[$0], told[$0]] }).compactMap(\.self).min(), first < beginning.seen
        else { return nil }
        return "\(intent.line): \(address) had opted out at \(first / 1000) ms"
    }
}

/// Promise 4: free text on WhatsApp only within 24 hours of the person's last message to that number.
struct WindowHolds: Checker {
    let name = "window-holds"
    private var wrote: [ConversationKey: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .wrote(let address, let to, _, let ago, _):
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
