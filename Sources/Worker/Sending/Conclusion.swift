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
    private var events: [NewEvent] = []

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

    /// Takes in a fact, with the event that keeps it; nil when the fact is recorded already.
    ///
    /// - Parameter generation: of an earlier attempt than the one that is looked at.
    mutating func learn(
        _ fact: AttemptFact, as event: NewEvent?, of generation: Int? = nil, retryAfter: Duration? = nil
    ) {
        let now = now
        change(generation ?? job.wake.generation) {
            $0.learn(fact, at: now)
            $0.retryAfter = retryAfter ?? $0.retryAfter
        }
        if let event { events.append(event) }
        noteLateDelivery(fact, of: generation)
    }

    /// The next step was taken for nothing.
    private mutating func noteLateDelivery(_ fact: AttemptFact, of generation: Int?) {
        guard case .reached(.delivered...) = fact, let earlier = generation.flatMap(facts.attempt),
            earlier.step != attempt.step
        else { return }
        var late = event(.reconciled, "late delivery", of: earlier)
        late.code = "escalate"
        late.reason = "it arrived after the next step had begun"
        events.append(late)
    }

    /// Takes in that a listing did not show the message.
    mutating func learnListing(as event: NewEvent) {
        change(job.wake.generation) { $0.listings += 1 }
        events.append(event)
    }

    /// Takes in that the provider could not be asked.
    mutating func learnUnread(as event: NewEvent) {
        change(job.wake.generation) { $0.failedPolls += 1 }
        isUnread = true
        events.append(event)
    }

    /// Keeps an event that changes nothing of what is known.
    mutating func note(_ event: NewEvent) {
        events.append(event)
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
    func event(_ kind: NewEvent.Kind, _ status: String, of earlier: Attempt? = nil) -> NewEvent {
        NewEvent(
            jobID: job.id, generation: earlier?.generation ?? job.wake.generation, kind: kind, status: status,
            step: earlier?.step ?? job.step, ladderID: job.ladderID,
            channel: earlier.map(job.channel(of:)) ?? job.channel, senderID: earlier == nil ? job.sender?.id : nil)
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
            add(wakeUp(reason, at: until, step: job.step, generation: job.wake.generation), to: &record)
        case .retry(let at, let reason, let isResend):
            record.events.append(next(isResend ? "resend" : "retry", step: job.step, at: at, reason: reason))
        case .escalate(let step, let reason):
            record.events.append(next("escalate", step: step, at: now, reason: reason))
        case .hold(let reason):
            var held = event(.held, "held")
            held.reason = reason
            record.events.append(held)
        case .finish(let outcome, let reason):
            var ended = event(.outcome, "ended")
            ended.generation = 0
            ended.channel = outcome == .delivered ? throughChannel : job.channel
            ended.code = outcome.rawValue
            ended.reason = reason
            record.events.append(ended)
        }
        if isDoubted, let way = resolution(by: action) {
            var resolved = event(.reconciled, "resolved")
            resolved.code = way
            resolved.providerID = job.history.providerIDs[job.wake.generation]
            record.events.append(resolved)
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
    private func resolution(by action: Action) -> String? {
        switch attempt.phase {
        case .open:
            return nil
        case .unanswered:
            guard attempt.listings >= 2 else { return nil }
            switch action {
            case .nothing, .wait: return nil
            case .retry: return "resend"
            case .escalate: return "next"
            case .hold: return "hold"
            case .finish: return "end"
            }
        case .notSent, .skipped, .underway, .failed, .arrived:
            if isListed { return "listing" }
            // A worker taken for dead may have recorded its answer after all.
            return job.history.answered.contains(job.wake.generation) ? "answer" : "callback"
        }
    }

    /// A wait hangs on the fact that led to it, so that recording the fact twice does not double the wait.
    private func add(_ wakeUp: WakeUp, to record: inout Record) {
        if record.events.isEmpty || isPolled {
            record.wakeUps.append(wakeUp)
        } else {
            record.events[0].wakeUp = wakeUp
        }
    }

    private func next(_ code: String, step: Int, at: Instant, reason: String) -> NewEvent {
        var next = event(.next, "decided")
        next.code = code
        next.reason = reason
        next.nextStep = step
        next.wakeUp = wakeUp(.dispatch, at: at, step: step, generation: job.wake.generation + 1)
        return next
    }

    private func wakeUp(_ reason: WakeReason, at: Instant, step: Int, generation: Int) -> WakeUp {
        let steps = job.ladder.steps
        let channel = steps.indices.contains(step) ? steps[step].channel : job.channel
        return WakeUp(
            jobID: job.id, at: at, reason: reason, step: step, generation: generation, ladderID: job.ladderID,
            channel: channel)
    }

    private var throughChannel: Channel {
        guard let through = facts.through, facts.ladder.steps.indices.contains(through.step) else { return job.channel }
        return facts.ladder.steps[through.step].channel
    }
}
