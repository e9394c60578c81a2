/// What follows from a look at a job: events to be added, and at most one due row.
public struct Conclusion: Sendable, Hashable {
    public private(set) var events: [RecordedEvent]
    public private(set) var dueRow: NewDueRow?
    /// The event that the due row hangs on: it is placed only if the event is new. Nil where it is harmless twice.
    public private(set) var fence: EventKey?
    /// Why another message that looks the same may be sent now; nil while none may.
    public let settlement: Settlement?

    /// What `action` comes to in the database.
    public init(_ action: Action, of look: Look) {
        events = look.events
        settlement = look.settlement(by: action)
        add(action, look)
        if let way = look.resolution(by: action) {
            let id = look.job.history.providerIDs[look.job.generation]
            events.append(look.recorded(.reconciled(.resolved(way, providerID: id))))
        }
    }

    private mutating func add(_ action: Action, _ look: Look) {
        let generation = look.job.generation
        switch action {
        case .nothing:
            break
        case .wait(let until, let reason):
            // A wait hangs on the event that led to it, so that recording the event twice does not double the wait.
            fence = look.isPolled ? nil : events.first?.key
            dueRow = look.dueRow(reason, at: until, step: look.job.step, generation: generation)
        case .retry(let at, let reason, let isResend):
            goOn(isResend ? .resend : .retry, step: look.job.step, at: at, reason: reason, look)
        case .escalate(let step, let reason):
            goOn(.escalate, step: step, at: look.now, reason: reason, look)
        case .hold(let reason):
            events.append(look.recorded(.held(reason: reason)))
        case .finish(let outcome, let reason):
            var ended = look.recorded(.ended(outcome, reason: reason))
            ended.generation = 0
            if outcome == .delivered { ended.channel = look.facts.through.map(look.job.channel(of:)) ?? ended.channel }
            events.append(ended)
        }
    }

    private mutating func goOn(
        _ next: JobEvent.Continuation, step: Int, at: Instant, reason: String, _ look: Look
    ) {
        let decided = look.recorded(.decided(next, step: step, reason: reason))
        events.append(decided)
        fence = decided.key
        dueRow = look.dueRow(.dispatch, at: at, step: step, generation: look.job.generation + 1)
    }
}

extension Look {
    fileprivate func dueRow(_ reason: DueReason, at: Instant, step: Int, generation: Int) -> NewDueRow {
        let steps = job.ladder.steps
        let channel = steps.indices.contains(step) ? steps[step].channel : job.channel
        return NewDueRow(
            jobID: job.id, at: at, reason: reason, step: step, generation: generation, ladderID: job.ladderID,
            channel: channel, priority: job.priority)
    }
}
