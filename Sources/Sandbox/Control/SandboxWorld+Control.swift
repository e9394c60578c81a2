import Delivery
import Foundation

extension SandboxWorld {
    /// Ledger entries numbered above `after`, oldest first.
    func ledgerPage(after: Int, limit: Int, to: String?) -> JSON {
        let entries = ledger.lazy.filter { $0.number > after && (to == nil || $0.to == to) }.prefix(limit)
        return [
            "accepted": .integer(accepted), "refused": refusalsJSON, "entries": .array(entries.map(\.json)),
        ]
    }

    private var refusalsJSON: JSON {
        .object(refusals.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) })
    }

    var faultsJSON: JSON { .array(faults.map(\.json)) }

    var stateJSON: JSON {
        [
            "accepted": .integer(accepted), "refused": refusalsJSON, "messages": .integer(messages.count),
            "calls": .integer(calls.count), "mails": .integer(mails.count),
            "verifications": .integer(verifications.count),
            "pending": .integer(timetable.count), "callbacks_posted": .integer(callbacksPosted),
            "callbacks_failed": .integer(callbacksFailed), "callbacks_lost": .integer(callbacksLost),
            "seed": .string(String(seed)), "time_scale": .double(timeScale), "faults": faultsJSON,
        ]
    }

    func add(fault json: JSON) throws(ControlError) -> JSON {
        guard faults.count < 1000 else { throw ControlError("there are 1000 faults already") }
        let fault = try Fault(id: nextFaultID, json: json)
        nextFaultID += 1
        faults.append(fault)
        return fault.json
    }

    func removeFaults() { faults = [] }

    /// Sets the fates of one address: `{"address", "sms", "voice", "whatsapp", "reply", "line"}` or `{"address", "email"}`.
    func set(fates json: JSON) throws(ControlError) {
        guard let address = json["address"]?.string else { throw ControlError("address is required") }
        guard phoneFates.count + emailFates.count < 1_000_000 else { throw ControlError("too many fates") }
        if address.contains("@") {
            emailFates[address.lowercased()] = try fate(json, "email", .delivered)
        } else {
            guard let number = DialedNumber.normalized(address) else { throw ControlError("address is not E.164") }
            let current = fates(of: number)
            phoneFates[number] = PhoneFates(
                sms: try fate(json, "sms", current.sms), voice: try fate(json, "voice", current.voice),
                whatsApp: try fate(json, "whatsapp", current.whatsApp), reply: try fate(json, "reply", current.reply),
                line: try fate(json, "line", current.line))
        }
    }

    private func fate<Fate: RawRepresentable<String> & CaseIterable>(
        _ json: JSON, _ name: String, _ current: Fate
    ) throws(ControlError) -> Fate {
        guard let value = json[name] else { return current }
        guard let fate = value.string.flatMap(Fate.init(rawValue:)) else {
            throw ControlError("\(name) must be one of: " + Fate.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return fate
    }

    /// A person writes: `{"from", "to", "body", "channel": "sms" | "whatsapp", "optOutType"}`.
    func inbound(_ json: JSON) throws(ControlError) {
        func address(_ name: String) throws(ControlError) -> String {
            guard let text = json[name]?.string else { throw ControlError("\(name) is required") }
            let bare = text.hasPrefix("whatsapp:") ? String(text.dropFirst(9)) : text
            if name == "to", DialedNumber.isShortCode(bare) { return bare }
            guard let number = DialedNumber.normalized(bare) else { throw ControlError("\(name) is not E.164") }
            return number
        }
        let channel = json["channel"]?.string ?? "sms"
        guard channel == "sms" || channel == "whatsapp" else { throw ControlError("channel must be sms or whatsapp") }
        let prefix = channel == "whatsapp" ? "whatsapp:" : ""
        let inbound = Inbound(
            from: prefix + (try address("from")), to: prefix + (try address("to")), body: json["body"]?.string ?? "",
            isWhatsApp: channel == "whatsapp", serviceSid: json["messagingServiceSid"]?.string,
            optOutType: json["optOutType"]?.string)
        if let callback = receive(inbound) { schedule(.post(callback), at: .now) }
    }

    /// Where webhooks go: `{"inbound_url", "sendgrid_events_url"}`; a missing member keeps its URL, `null` ends it.
    func set(webhooks json: JSON) {
        if let url = json["inbound_url"] { inboundURL = url.string }
        if let url = json["sendgrid_events_url"] { sendGridEventsURL = url.string }
    }

    func set(seed json: JSON) throws(ControlError) {
        let value = json["seed"]?.integer.flatMap(UInt64.init(exactly:)) ?? json["seed"]?.string.flatMap { UInt64($0) }
        guard let value else { throw ControlError("seed must be a whole number from 0") }
        seed = value
        ordinals = [:]
    }

    func set(timeScale json: JSON) throws(ControlError) {
        guard let scale = json["time_scale"]?.number, (0.001...1_000_000).contains(scale) else {
            throw ControlError("time_scale must be between 0.001 and 1000000")
        }
        timeScale = scale
    }

    /// Forgets everything but the configuration, the webhooks, the seed and the time scale.
    func reset() {
        messages = ResourceStore(recipient: \.to)
        calls = ResourceStore(recipient: \.to)
        mails = ResourceStore(recipient: \.to)
        verifications = ResourceStore(recipient: \.to)
        timetable.removeAll()
        (phoneFates, emailFates, faults) = ([:], [:], [])
        (optOuts, lastInbound, suppressedMail) = ([:], [:], [:])
        (ordinals, throttles, refusals) = ([:], [:], [:])
        (ledger, accepted) = ([], 0)
        (callbacksPosted, callbacksFailed, callbacksLost) = (0, 0, 0)
        (pendingEvents, eventsAreScheduled) = ([], false)
    }
}
