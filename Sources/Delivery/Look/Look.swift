/// One look at a job: what was seen, and what was learnt on the way. `conclude` says what follows.
public struct Look: Sendable {
    public let job: JobView
    public let timing: Timing
    public let now: Instant
    /// Whether a list of the provider's messages showed it just now.
    var isListed = false
    /// Whether the provider was asked just now. It says the same again until something happens, so the next look cannot
    /// hang on a new event.
    var isPolled = false
    /// Why the job is looked at.
    var reason: DueReason
    /// Until when the provider is not asked again.
    private var pause: Instant?
    /// What is known by now.
    public private(set) var facts: JobFacts
    /// What is to be recorded.
    public private(set) var events: [RecordedEvent] = []
    /// Whether the provider was asked just now and gave no readable answer.
    private(set) var isUnread = false

    public init(at job: JobView, timing: Timing, now: Instant) {
        self.job = job
        self.timing = timing
        self.now = now
        facts = job.facts
        reason = job.reason
    }

    /// The attempt that is looked at.
    public var attempt: Attempt {
        facts.attempt(job.generation)
            ?? Attempt(generation: job.generation, step: job.step, begunAt: job.seenAt)
    }

    /// Takes in what was learnt about the attempt that is looked at, or about an earlier one.
    ///
    /// - Parameter isRecorded: whether the event is in the database already.
    public mutating func learn(_ event: JobEvent, of earlier: Attempt? = nil, isRecorded: Bool = false) {
        let generation = earlier?.generation ?? job.generation
        for index in facts.attempts.indices where facts.attempts[index].generation == generation {
            facts.attempts[index].learn(event, at: now)
        }
        if case .reconciled(.unread) = event { isUnread = true }
        guard !isRecorded, !isKnown(event, generation) else { return }
        events.append(recorded(event, of: earlier))
        if let earlier, let late = job.history.lateNews(in: event, of: earlier.generation) {
            events.append(recorded(.reconciled(late), of: earlier))
        }
    }

    /// A provider says the same whenever it is asked. What a receipt means beyond its job, it means once.
    private func isKnown(_ event: JobEvent, _ generation: Int) -> Bool {
        guard case .receipt(let receipt) = event else { return false }
        return job.history.receipts[generation]?.contains(receipt.status) ?? false
    }

    /// Decides nothing now: the job is looked at again at `instant`, for the same reason.
    public mutating func postpone(until instant: Instant) {
        pause = instant
    }

    /// An event about the attempt that is looked at, or about an earlier one, whose sender is not known.
    func recorded(_ event: JobEvent, of earlier: Attempt? = nil) -> RecordedEvent {
        RecordedEvent(
            jobID: job.id, generation: earlier?.generation ?? job.generation, step: earlier?.step ?? job.step,
            ladderID: job.ladderID, channel: earlier.map(job.channel(of:)) ?? job.channel,
            senderID: earlier == nil ? job.senderID : nil, at: now, event)
    }

    // MARK: Concluding

    public func conclude(using random: inout some RandomNumberGenerator) -> Conclusion {
        if let pause { return Conclusion(.wait(until: pause, for: job.reason), of: self) }
        let decision = Decision(facts: facts, timing: timing, now: now, isUnread: isUnread)
        return Conclusion(decision.action(on: job.generation, for: reason, using: &random), of: self)
    }

    /// For a job whose time was over before the attempt could begin.
    public func expire() -> Conclusion {
        Conclusion(Decision(facts: facts, timing: timing, now: now).expiry(of: job.generation), of: self)
    }
}
