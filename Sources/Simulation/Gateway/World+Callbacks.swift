import Delivery
import Inbox

extension World {
    /// The provider tells of `arrival`: late, twice, in any order, or not at all, as the plan has it.
    mutating func callBack(_ arrival: Arrival) {
        guard workload.hasCallbacks || !arrival.isReceipt else { return }
        if !isQuiet, plan.callbacksLost, arrival.isReceipt, random.chance(plan.rate * 2) { return }
        let copies = !isQuiet && plan.callbacksDoubled && random.chance(40) ? random.pick(2..<4) : 1
        for _ in 0..<copies {
            let isLate = !isQuiet && plan.callbacksLate && random.chance(plan.rate * 2)
            let delay = isLate ? Time.seconds(random.pick([1, 10, 60, 240])) : Time(random.pick(1000..<400_000))
            after(delay) { $0.deliver(arrival, attempt: 1) }
        }
    }

    /// One webhook. The gateway stores it and then answers; who gets no 200 repeats it.
    mutating func deliver(_ arrival: Arrival, attempt: Int) {
        let isUnlucky = !isQuiet && plan.gatewayCrashes && random.chance(plan.rate * 2)
        var route = plan.route(isQuiet: isQuiet, using: &random)
        if isUnlucky { route.fate = random.pick([.refused, .unheard, .rolledBack]) }
        if bug == .answeredBeforeCommit {
            note(.webhookAnswered(key: arrival.key, isStored: false))
            return run(route, { $0.store(arrival) }, then: { _, _ in })
        }
        run(route, { $0.store(arrival) }) { world, result in
            switch result {
            case .success(let isKnown):
                world.note(.webhookAnswered(key: arrival.key, isStored: isKnown))
            case .failure:
                guard attempt < 8 else { return world.note(.world("a webhook is given up")) }
                world.after(.seconds(attempt)) { $0.deliver(arrival, attempt: attempt + 1) }
            }
        }
    }

    /// What the gateway's statements write; true when it was stored or known, false when it names no attempt of ours.
    private func store(_ arrival: Arrival) -> Transaction<Bool> {
        switch arrival {
        case .receipt(let receipt): beginReceipt(receipt)
        case .report, .resubscription: Transaction(commit: { _ in false })  // The simulated providers tell neither.
        case .inbound(let inbound): beginInbound(inbound)
        case .suppression(let suppression):
            Transaction(commit: { world in
                for category in suppression.reach.categories {
                    let key = SuppressionKey(
                        address: suppression.address, channel: suppression.channel, category: category)
                    world.suppress(key, reason: suppression.reason)
                }
                return true
            })
        }
    }
}

extension Arrival {
    var isReceipt: Bool {
        if case .receipt = self { true } else { false }
    }

    /// What makes two webhooks the same news.
    var key: String {
        switch self {
        case .report(let report): "report \(report.providerID ?? "-") \(report.status)"
        case .resubscription(let taken): "resubscription \(taken.address) \(taken.channel.rawValue)"
        case .receipt(let receipt): "receipt \(receipt.jobID).\(receipt.generation) \(receipt.status)"
        case .inbound(let inbound): "inbound \(inbound.providerID)"
        case .suppression(let suppression): "suppression \(suppression.address) \(suppression.channel.rawValue)"
        }
    }
}
