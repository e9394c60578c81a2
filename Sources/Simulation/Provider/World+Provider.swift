import Delivery
import Inbox
import Providers

extension World {
    /// What the provider will do with a request. Faults only before the quiet phase.
    mutating func fate(of wire: Wire) -> RequestFate {
        if wire.channel == .sms, provider.blocked.contains(ConversationKey(address: wire.to, sender: wire.from)) {
            return .refuse(code: "21610", status: 400)
        }
        if random.chance(6) { return .refuse(code: refusal(on: wire.channel), status: 400) }
        guard !isQuiet else { return .accept }
        if plan.rateLimited, random.chance(plan.rate * 2) {
            return .tooMany(retryAfter: random.chance(30) ? random.pick(1..<8) : nil)
        }
        if plan.answersUnavailable, random.chance(plan.rate) { return .unreachable }
        if plan.answersLost, random.chance(plan.rate * 2) {
            let isAccepted = random.chance(60)
            return random.pick([
                .broken(isAccepted: isAccepted), .reset(isAccepted: isAccepted), .hang(isAccepted: isAccepted),
                .garbage,
            ])
        }
        return .accept
    }

    private mutating func refusal(on channel: Channel) -> String {
        switch channel {
        case .sms: random.pick(["21211", "30006", "21610", "21606", "30022"])
        case .voice: random.pick(["21211", "21215"])
        case .whatsapp: random.pick(["63016", "63003"])
        case .email: "http_400"
        }
    }

    /// The provider takes a message, and its life begins.
    mutating func accept(_ wire: Wire) -> String {
        let id = provider.newID(wire.channel)
        let lag = plan.listingsLag && !isQuiet ? Time.milliseconds(random.pick([0, 500, 10_000, 40_000, 70_000])) : 0
        provider.messages.append(
            .init(
                id: id, wire: wire, createdAt: now, listedAt: now + lag,
                status: wire.channel == .voice ? .ringing : .queued))
        note(.accepted(id, wire))
        live(id, life(on: wire.channel))
        return id
    }

    /// The statuses to come, with the time from each to the next.
    private mutating func life(on channel: Channel) -> [(after: Time, status: ProviderStatus)] {
        let step = { (random: inout SplitMix64) in Time.milliseconds(random.pick([20, 300, 2000, 9000, 30_000])) }
        switch channel {
        case .sms, .whatsapp:
            if random.chance(6) { return [] }  // Never heard of again.
            let last: ProviderStatus =
                random.chance(60)
                ? .delivered
                : random.chance(25)
                    ? .failed(
                        word: "undelivered",
                        code: random.pick(["30005", "30007", "30006", "21610", "30004", "30008", "30610", "30001"]))
                    : .failed(word: "undelivered", code: "30003")
            let read: [(Time, ProviderStatus)] =
                channel == .whatsapp && last == .delivered ? [(step(&random), .read)] : []
            return [(step(&random), .sent), (step(&random), last)] + read
        case .voice:
            let last: ProviderStatus = random.pick([
                .answered, .answered, .machine, .failed(word: "busy", code: "busy"),
                .failed(word: "no-answer", code: "no-answer"),
            ])
            return [(step(&random), last)]
        case .email:
            if random.chance(10) { return [] }
            return [
                (step(&random), random.chance(80) ? .delivered : .failed(word: "bounce", code: "bounce"))
            ]
        }
    }

    private mutating func live(_ id: String, _ life: [(after: Time, status: ProviderStatus)]) {
        guard let first = life.first else { return }
        after(first.after) { world in
            guard let index = world.provider.index(of: id), world.become(first.status, index) else { return }
            world.live(id, Array(life.dropFirst()))
        }
    }

    /// Moves a message on, and sends the callback; false when it is over already.
    @discardableResult
    mutating func become(_ status: ProviderStatus, _ index: Int) -> Bool {
        guard !provider.messages[index].isOver || status == .read else { return false }
        provider.messages[index].status = status
        provider.messages[index].isOver = status.isOver
        let message = provider.messages[index]
        note(.became(message.id, status: "\(status)", isFailure: status.isFailure))
        callBack(.receipt(status.arrival(message.id, about: message.wire)))
        return true
    }

    /// What a listing of the provider's messages shows, as the real reading matches it.
    func find(_ wire: Wire, begunAt: Time, notBefore: Time?, excluding known: Set<String>) -> ListingReading {
        let showsText = wire.channel != .voice && wire.isFreeForm && !plan.listingsHideTexts
        let earliest = max(begunAt - .seconds(15), notBefore ?? .min)
        let matches = provider.messages.filter { message in
            message.listedAt <= now && message.createdAt >= earliest && message.createdAt <= begunAt + .seconds(75)
                && message.wire.channel == wire.channel
                && message.wire.to == wire.to && message.wire.from == wire.from
                && (!showsText || message.wire.text == wire.text)
                && !known.contains(message.id)
        }
        guard let match = matches.min(by: { abs($0.createdAt - begunAt) < abs($1.createdAt - begunAt) }) else {
            return .notFound
        }
        return .found(
            providerID: match.id, receipts: [match.status.receipt(match.id, on: wire.channel)],
            sighting: Sighting(showsText: showsText, reach: .seconds(90)))
    }
}
