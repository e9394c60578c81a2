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
            switch inbound.keyword {
            case .stop:
                world.database.stoppedAt[inbound.from] = at
                world.suppress(inbound.from, on: Channel.allCases.filter(\.isPhone), reason: "stop")
            case .start:
                // Webhooks come in any order, and there is no list here that knows which word was the last.
                guard world.database.stoppedAt[inbound.from].map({ at > $0 + .seconds(60) }) ?? true else { break }
                world.lift(inbound.from)
            case .help, nil: break
            }
            return true
        })
    }

    private mutating func lift(_ address: String) {
        for channel in Channel.allCases where channel.isPhone {
            let reason = database.suppressions[SuppressionKey(address: address, channel: channel)]
            if reason == "stop" || reason == "provider 21610" { lift(address, on: channel) }
        }
    }

    /// A person writes to one of our numbers.
    mutating func write(from address: String, to: String, on channel: Channel, keyword: OptOutKeyword?) {
        workload.inboundCount += 1
        let id = "IN\(workload.inboundCount)"
        if keyword == .stop { provider.blocked.insert(address) }
        if keyword == .start { provider.blocked.remove(address) }
        note(.wrote(address: address, to: to, id: id, ago: 0))
        let arrival = Arrival.inbound(
            InboundArrival(providerID: id, channel: channel, from: address, to: to, keyword: keyword))
        workload.inbound.append(arrival)
        callBack(arrival)
    }
}
