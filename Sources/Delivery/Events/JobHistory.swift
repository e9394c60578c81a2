/// What the events of one job tell: its attempts, and whether it has ended. The same events in any order tell the same.
public struct JobHistory: Sendable, Hashable {
    public var attempts: [Attempt] = []
    public var isEnded = false
    /// The provider's id of each attempt that was taken, by generation.
    public var providerIDs: [Int: String] = [:]
    /// The attempts whose intent was taken, by generation.
    public var begun: Set<Int> = []
    /// The token each attempt's callbacks carry, by generation.
    public var tokens: [Int: String] = [:]
    /// The attempts that nobody could account for at first, and whose end in that sense is not recorded yet, by generation.
    public var doubted: Set<Int> = []
    /// The attempts that a provider is known to have answered, by generation.
    public var answered: Set<Int> = []
    /// Those of them whose answer said that the provider took the message.
    public var accepted: Set<Int> = []
    /// What was decided after each attempt, by generation.
    public var continuations: [Int: JobEvent.Continuation] = [:]
    /// The keys of each attempt's receipts, by generation.
    public var receipts: [Int: Set<String>] = [:]
    /// The number of the last deferral of each attempt, by generation. The attempt need not have begun.
    public var deferrals: [Int: Int] = [:]

    public init(_ events: [RecordedEvent] = []) {
        for (generation, events) in Dictionary(grouping: events, by: \.generation) {
            if generation == 0 {
                isEnded = events.contains { if case .ended = $0.event { true } else { false } }
            } else {
                add(generation, events.filter(\.event.concernsAttempt))
                deferrals[generation] = events.compactMap(\.event.deferral).max()
            }
        }
        attempts.sort { $0.generation < $1.generation }
        for index in attempts.indices {
            attempts[index].isResend = continuations[attempts[index].generation - 1] == .resend
        }
    }

    private mutating func add(_ generation: Int, _ events: [RecordedEvent]) {
        guard let begunAt = events.map(\.at).min() else { return }
        var attempt = Attempt(
            generation: generation, step: events.compactMap(\.step).min() ?? 0, begunAt: begunAt)
        var (isDoubted, isResolved) = (false, false)
        for event in events {
            attempt.learn(event.event, at: event.at)
            switch event.event {
            case .intent(let token):
                begun.insert(generation)
                tokens[generation] = token
            case .answered(let answer) where answer.isDoubtful: isDoubted = true
            case .answered(let answer):
                answered.insert(generation)
                if answer.fact == .accepted { accepted.insert(generation) }
            case .decided(let next, _, _): continuations[generation] = next
            case .reconciled(.resolved): isResolved = true
            case .receipt(let receipt): receipts[generation, default: []].insert(receipt.status)
            case .deferred, .held, .released, .reconciled, .ended, .unrecognised: break
            }
        }
        if isDoubted, !isResolved { doubted.insert(generation) }
        providerIDs[generation] = Self.providerID(in: events)
        attempts.append(attempt)
    }

    /// The answer's own, or else the first that was named.
    private static func providerID(in events: [RecordedEvent]) -> String? {
        let named = events.compactMap { event in event.event.providerID.map { (event, $0) } }
        let first = named.min { one, other in
            (one.0.event.isAnswer ? 0 : 1, one.0.at, one.1) < (other.0.event.isAnswer ? 0 : 1, other.0.at, other.1)
        }
        return first?.1
    }
}

extension JobHistory {
    /// What a receipt says that comes too late: that the next step was taken for nothing, or that the message was sent
    /// twice. It counts once the next attempt has begun.
    ///
    /// `outrider.late_news` has the same rule in SQL, for receipts of webhooks, as the gateway reads no history.
    public func lateNews(in event: JobEvent, of generation: Int) -> JobEvent.Reconciliation? {
        guard case .receipt(let receipt) = event, case .reached(let level) = receipt.finding,
            let next = continuations[generation], begun.contains(generation + 1)
        else { return nil }
        switch next {
        case .escalate:
            guard level >= .delivered else { return nil }
            return .lateDelivery(
                after: next, providerID: receipt.providerID, reason: "it arrived after the next step had begun")
        case .retry, .resend:
            guard !accepted.contains(generation) else { return nil }
            return .duplicate(
                of: next, providerID: receipt.providerID, reason: "the provider had taken it, and it was sent again")
        }
    }
}

extension JobEvent {
    /// Whether it says that there is an attempt: a deferral comes before one, and what nobody can read says nothing.
    fileprivate var concernsAttempt: Bool {
        switch self {
        case .deferred, .unrecognised: false
        case .intent, .answered, .receipt, .decided, .held, .released, .reconciled, .ended: true
        }
    }

    fileprivate var isAnswer: Bool {
        if case .answered = self { true } else { false }
    }

    fileprivate var deferral: Int? {
        if case .deferred(let number, _, _, _) = self { number } else { nil }
    }
}
