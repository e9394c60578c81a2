import Delivery
import JobQueue

/// Turns what was learnt about a job into what is recorded: the facts, what follows from them, and the next wake-up.
struct Conclusion {
    var job: ClaimedJob
    var timing: Timing
    var now: Instant
    /// Whether a listing of the provider's messages showed it just now.
    var isListed = false
    /// Whether the provider was asked just now. It says the same again until something happens, so that the next look
    /// cannot hang on a new fact.
    var isPolled = false
    /// Whether that gave no readable answer.
    private var isUnread = false
    private var facts: JobFacts
    private var events: [RecordedEvent] = []

    init(job: ClaimedJob, timing: Timing, now: Instant) {
        self.job = job
        self.timing = timing
        self.now = now
        facts = job.facts
        if facts.attempt(job.wake.generation) == nil {
            facts.attempts.append(
                Attempt(generation: job.wake.generation, step: job.step, begunAt: job.claimedAt))
        }
    }

    /// The attempt that was looked at.
    var attempt: Attempt {
        facts.attempt(job.wake.generation)
            ?? Attempt(generation: job.wake.generation, step: job.step, begunAt: job.claimedAt)
    }

    /// Takes in what was learnt about the attempt that is looked at, or about an earlier one.
    ///
    /// - Parameter isRecorded: whether the event is in the database already.
    mutating func learn(_ event: JobEvent, of earlier: Attempt? = nil, isRecorded: Bool = false) {
        let now = now
        change(earlier?.generation ?? job.wake.generation) { $0.learn(event, at: now) }
        if case .reconciled(.unread) = event { isUnread = true }
        if !isRecorded { events.append(recorded(event, of: earlier)) }
        noteLateDelivery(event, of: earlier)
    }

    /// The next step was taken for nothing.
    private mutating func noteLateDelivery(_ event: JobEvent, of earlier: Attempt?) {
        guard case .reached(.delivered...) = event.fact, let earlier, earlier.step != attempt.step else { return }
        let late = JobEvent.Reconciliation.lateDelivery(
            after: .escalate, reason: "it arrived after the next step had begun")
        events.append(recorded(.reconciled(late), of: earlier))
    }

    private mutating func change(_ generation: Int, _ body: (inout Attempt) -> Void) {
        for index in facts.attempts.indices where facts.attempts[index].generation == generation {
            body(&facts.attempts[index])
        }
    }

    /// Calls that the provider may still be about to place, although the job got through another way.
    var needlessCalls: [String] {
        guard let through = facts.through else { return [] }
        return facts.attempts.compactMap { attempt in
            guard attempt.generation != through.generation, case .underway = attempt.phase,
                facts.ladder.steps.indices.contains(attempt.step), facts.ladder.steps[attempt.step].channel == .voice
            else { return nil }
            return job.history.providerIDs[attempt.generation]
        }
    }

    /// An event about the attempt that is looked at, or about an earlier one, whose sender is not known.
    private func recorded(_ event: JobEvent, of earlier: Attempt? = nil) -> RecordedEvent {
        RecordedEvent(
            jobID: job.id, generation: earlier?.generation ?? job.wake.generation, step: earlier?.step ?? job.step,
            ladderID: job.ladderID, channel: earlier.map(job.channel(of:)) ?? job.channel,
            senderID: earlier == nil ? job.sender?.id : nil, at: now, event)
    }

    /// Decides, and says what to record.
    func record(using random: inout some RandomNumberGenerator) -> Record {
        let decision = Decision(facts: facts, timing: timing, now: now, isUnread: isUnread)
        let action = decision.action(for: job.wake, using: &random)
        return record(of: action)
    }

    /// Decides for a job whose time is over.
    func expired() -> Record {
        record(of: Decision(facts: facts, timing: timing, now: now).expiry(of: job.wake))
    }

    /// What `action` and the facts so far come to in the database.
    func record(of action: Action) -> Record {
        var record = Record(events: events)
        switch action {
        case .nothing:
            break
        case .wait(let until, let reason):
            record.dueRow = dueRow(reason, at: until, step: job.step, generation: job.wake.generation)
            // A wait hangs on the fact that led to it, so that recording the fact twice does not double the wait.
            record.fence = isPolled ? nil : events.first?.key
        case .retry(let at, let reason, let isResend):
            add(isResend ? .resend : .retry, step: job.step, at: at, reason: reason, to: &record)
        case .escalate(let step, let reason):
            add(.escalate, step: step, at: now, reason: reason, to: &record)
        case .hold(let reason):
            record.events.append(recorded(.held(reason: reason)))
        case .finish(let outcome, let reason):
            var ended = recorded(.ended(outcome, reason: reason))
            ended.generation = 0
            ended.channel = outcome == .delivered ? throughChannel : job.channel
            record.events.append(ended)
        }
        if isDoubted, let way = resolution(by: action) {
            let id = job.history.providerIDs[job.wake.generation]
            record.events.append(recorded(.reconciled(.resolved(way, providerID: id))))
        }
        if isSettled(by: action) {
            record.settled = OpenSend(key: job.sendKey, jobID: job.id, generation: job.wake.generation)
        }
        return record
    }

    // MARK: What could not be known

    private var isDoubted: Bool { job.history.doubted.contains(job.wake.generation) }

    /// Whether another message like it may be sent now: what became of this one is known, or given up.
    ///
    /// One whose job ended otherwise stays open for the time that a listing may lag; housekeeping closes it.
    private func isSettled(by action: Action) -> Bool {
        guard job.token != nil || isDoubted else { return false }
        switch attempt.phase {
        case .open: return false
        case .unanswered: return resolution(by: action) != nil
        case .notSent, .skipped, .underway, .failed, .arrived: return true
        }
    }

    /// How an attempt that nobody could account for came to its end; nil while it has not.
    private func resolution(by action: Action) -> JobEvent.Resolution? {
        switch attempt.phase {
        case .open:
            return nil
        case .unanswered:
            guard attempt.listings >= 2 else { return nil }
            switch action {
            case .nothing, .wait: return nil
            case .retry: return .resend
            case .escalate: return .next
            case .hold: return .hold
            case .finish: return .end
            }
        case .notSent, .skipped, .underway, .failed, .arrived:
            if isListed { return .listing }
            // A worker taken for dead may have recorded its answer after all.
            return job.history.answered.contains(job.wake.generation) ? .answer : .callback
        }
    }

    private func add(
        _ next: JobEvent.Continuation, step: Int, at: Instant, reason: String, to record: inout Record
    ) {
        let decided = recorded(.decided(next, step: step, reason: reason))
        record.events.append(decided)
        record.dueRow = dueRow(.dispatch, at: at, step: step, generation: job.wake.generation + 1)
        record.fence = decided.key
    }

    private func dueRow(_ reason: WakeReason, at: Instant, step: Int, generation: Int) -> NewDueRow {
        let steps = job.ladder.steps
        let channel = steps.indices.contains(step) ? steps[step].channel : job.channel
        return NewDueRow(
            jobID: job.id, at: at, reason: reason, step: step, generation: generation, ladderID: job.ladderID,
            channel: channel)
    }

    private var throughChannel: Channel {
        guard let through = facts.through, facts.ladder.steps.indices.contains(through.step) else { return job.channel }
        return facts.ladder.steps[through.step].channel
    }
}
