import Delivery

/// Promise 7: of one sender's rate no more leaves on the intents of one window than it holds, over all workers. One message
/// longer than a whole window may pass it alone.
///
/// It counts bodies, not intents. A claim whose answer was lost has used up a part of its window that its worker does not
/// know of. Nothing is ever sent on those intents.
struct RateHolds: Checker {
    let name = "rate-holds"
    private var rates: [Int: Double] = [:]
    private var intents: [String: (event: RecordedEvent, cost: Int)] = [:]
    private var left: [WindowKey: (cost: Int, messages: Int)] = [:]

    init(senders: [SenderRow]) {
        for sender in senders { rates[sender.id] = sender.rate }
    }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .intent(let event, let beginning):
            if let token = event.event.token { intents[token] = (event, beginning.cost) }
            return nil
        case .bodyLeft(let wire):
            return intents[wire.token].flatMap { count($0.event, cost: $0.cost) }
        default: return nil
        }
    }

    private mutating func count(_ intent: RecordedEvent, cost new: Int) -> String? {
        guard let sender = intent.senderID, let rate = rates[sender] else { return nil }
        let perWindow = max(1, Int(rate))
        let length = rate >= 1 ? 1000 : Int((1000 / rate).rounded(.up))
        let window = WindowKey(senderID: sender, slot: Int(intent.at.microseconds / 1000) / length)
        let (cost, messages) = left[window] ?? (0, 0)
        left[window] = (cost + new, messages + 1)
        guard cost + new > perWindow, messages > 0 else { return nil }
        return "\(intent.line): \(cost + new) in a window of \(perWindow)"
    }
}

/// Promise 7: of one campaign's rate no more messages leave on the intents of one window than it holds, over all workers and
/// senders. While it changes, the larger of the two holds.
struct CampaignRateHolds: Checker {
    let name = "campaign-rate-holds"
    /// The rates of each campaign, and from when on.
    private var rates: [Int: [(from: Time, rate: Double)]] = [:]
    private var campaigns: [Int: Int] = [:]
    private var intents: [String: RecordedEvent] = [:]
    private var left: [WindowKey: Int] = [:]

    init(rates: [Int: Double]) {
        self.rates = rates.mapValues { [(.min, $0)] }
    }

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job):
            campaigns[job.id] = job.campaignID
        case .rated(let campaign, let rate):
            rates[campaign, default: []].append((now, rate))
        case .intent(let event, _):
            if let token = event.event.token { intents[token] = event }
        case .bodyLeft(let wire):
            return intents[wire.token].flatMap { count($0) }
        default: break
        }
        return nil
    }

    private mutating func count(_ intent: RecordedEvent) -> String? {
        guard let campaign = campaigns[intent.jobID], let steps = rates[campaign], let first = steps.first else {
            return nil
        }
        let length = first.rate >= 1 ? 1000 : Int((1000 / first.rate).rounded(.up))
        let window = WindowKey(senderID: campaign, slot: Int(intent.at.microseconds / 1000) / length)
        let start = Time(Instant(microseconds: Int64(window.slot * length * 1000)))
        let inForce = steps.enumerated().filter { number, step in
            step.from < start + .milliseconds(length) && (number + 1 == steps.count || steps[number + 1].from >= start)
        }
        let most = inForce.map { max(1, Int($0.element.rate)) }.max() ?? 1
        left[window, default: 0] += 1
        guard let count = left[window], count > most else { return nil }
        return "\(intent.line): \(count) of a campaign in a window of \(most)"
    }
}

/// Promise 7: no more people of a campaign have a message begun than its budget has messages. Repeats and later steps go beyond it,
/// as is written in sql/README.md, and jobs that wait for nobody.
struct BudgetHolds: Checker {
    let name = "budget-holds"
    private var campaigns: [Int: Int] = [:]
    private var budgets: [Int: Int] = [:]
    private var begun: [Int: Set<Int>] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job) where job.isFed: campaigns[job.id] = job.campaignID
        case .budget(let campaign, let messages): budgets[campaign] = messages
        case .intent(let event, _):
            guard let campaign = campaigns[event.jobID] else { return nil }
            begun[campaign, default: []].insert(event.jobID)
            guard let budget = budgets[campaign], let people = begun[campaign]?.count, people > budget else {
                return nil
            }
            return "\(event.line): person \(people) of a budget of \(budget)"
        default: break
        }
        return nil
    }
}

/// Promise 7: a retry waits no longer than the cap of the backoff, on top of what the provider asked for (here at most
/// 8 s). So an outage is not followed by a silence longer than itself.
struct BackoffCapped: Checker {
    let name = "backoff-capped"

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .placed(let row) = fact, row.reason == .dispatch, row.generation > 1 else { return nil }
        let limit = Time(Workload.backoffCap) + .seconds(9)
        return row.at - now > limit ? "\(row): \((row.at - now) / 1_000_000) s from now" : nil
    }
}
