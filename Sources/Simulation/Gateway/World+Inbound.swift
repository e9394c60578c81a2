import Delivery
import Inbox

extension World {
    /// `store_inbound`: once by the provider's id, and only then it has an effect.
    func beginInbound(_ inbound: InboundArrival) -> Transaction<Bool> {
        let at = now
        return Transaction(commit: { world in
            let isNew = world.database.inbound.insert(inbound.providerID).inserted
            let conversation = ConversationKey(address: inbound.from, sender: inbound.to)
            if inbound.channel == .whatsapp, isNew || world.bug == .windowMovedByReplay {
                world.database.windows[conversation] = max(world.database.windows[conversation] ?? .min, at)
            }
            guard isNew else { return true }
            for tenant in world.bug == .stopBindsEverybody ? [""] : world.database.tenants(ofNumber: inbound.to) {
                world.hear(inbound.keyword, SpeakerKey(address: inbound.from, tenant: tenant), at: at)
            }
            return true
        })
    }

    private mutating func hear(_ word: OptOutKeyword?, _ speaker: SpeakerKey, at: Time) {
        let keys = Channel.allCases.filter(\.isPhone).flatMap { channel in
            ([nil] + Delivery.Category.allCases).map {
                SuppressionKey(address: speaker.address, channel: channel, tenant: speaker.tenant, category: $0)
            }
        }
        switch word {
        case .stop:
            database.stoppedAt[speaker] = at
            for key in keys where key.category == nil { suppress(key, reason: "stop") }
        case .start:
            // Webhooks come in any order, and there is no list here that knows which word was the last.
            guard database.stoppedAt[speaker].map({ at > $0 + .seconds(60) }) ?? true else { break }
            for key in keys {
                let reason = database.suppressions[key]
                if reason == "stop" || reason?.hasPrefix("provider ") ?? false { lift(key) }
            }
        case .help, nil: break
        }
    }

    /// A person writes to one of our numbers.
    mutating func write(from address: String, to: String, on channel: Channel, keyword: OptOutKeyword?) {
        workload.inboundCount += 1
        let id = "IN\(workload.inboundCount)"
        let conversation = ConversationKey(address: address, sender: to)
        if keyword == .stop { provider.blocked.insert(conversation) }
        if keyword == .start { provider.blocked.remove(conversation) }
        note(.wrote(address: address, to: to, id: id, ago: 0, word: keyword))
        let arrival = Arrival.inbound(
            InboundArrival(providerID: id, channel: channel, from: address, to: to, keyword: keyword))
        workload.inbound.append(arrival)
        callBack(arrival)
    }
}
