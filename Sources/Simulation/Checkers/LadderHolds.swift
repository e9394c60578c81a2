import Delivery

/// Promise 5: attempts are numbered one after the other, each is of the step that a recorded decision names, and no step
/// comes before the one it follows. One thing follows an attempt, a job ends once, and nothing begins after its end.
struct LadderNeverBack: Checker {
    let name = "ladder-never-back"
    private var steps: [Int: [Int: Int]] = [:]
    /// The step that was decided on after an attempt.
    private var decided: [AttemptKey: Int] = [:]
    private var ended: [Int: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .intent(let event, let beginning): return begin(event, seen: beginning.seen)
        case .event(let event): return see(event, at: now)
        default: return nil
        }
    }

    private mutating func see(_ event: RecordedEvent, at now: Time) -> String? {
        switch event.event {
        case .decided(_, let step, _):
            if decided[event.attempt] != nil { return "\(event.line): decided before" }
            decided[event.attempt] = step ?? -1
        case .ended:
            if ended[event.jobID] != nil { return "\(event.line): it had ended" }
            ended[event.jobID] = now
        default: break
        }
        return nil
    }

    private mutating func begin(_ event: RecordedEvent, seen: Time) -> String? {
        let step = event.step ?? 0
        if let end = ended[event.jobID], end < seen { return "\(event.line): the job had ended" }
        if event.generation > 1 {
            let next = decided[.init(jobID: event.jobID, generation: event.generation - 1)]
            guard let next else { return "\(event.line): nobody decided it" }
            if next != step { return "\(event.line): step \(next) was decided on" }
        }
        if steps[event.jobID]?[event.generation] != nil { return "\(event.line): begun before" }
        if let before = steps[event.jobID]?.filter({ $0.key < event.generation }).map(\.value).max(), before > step {
            return "\(event.line): after step \(before)"
        }
        steps[event.jobID, default: [:]][event.generation] = step
        return nil
    }
}

/// Promise 5: one decision adds one due row. Whoever finds a fact recorded already adds no due row of its own, or a job
/// that was decided twice would be begun twice, at two times.
struct OneWakePerDecision: Checker {
    let name = "one-due-row-per-decision"
    private var placed: Set<AttemptKey> = []

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .placed(let row) = fact, row.reason == .dispatch else { return nil }
        let isNew = placed.insert(.init(jobID: row.jobID, generation: row.generation)).inserted
        return isNew ? nil : "\(row): placed before"
    }
}

/// Promise 5: once a receipt says that a step got through, nothing more is sent for the job by an intent taken later, and
/// the job ends as delivered.
struct NothingAfterDelivery: Checker {
    let name = "nothing-after-delivery"
    private var jobs: [Int: JobRow] = [:]
    private var through: [Int: Time] = [:]
    private var intents: [String: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .asked(let job): jobs[job.id] = job
        case .intent(let event, _):
            if let token = event.event.token { intents[token] = event.time }
        case .event(let event):
            guard let level = event.event.receipt?.level, level >= success(event) else { return nil }
            through[event.jobID] = through[event.jobID] ?? now
        case .bodyLeft(let wire):
            guard let through = through[wire.jobID], let intent = intents[wire.token], through < intent else {
                return nil
            }
            return "\(wire): the job got through at \(through / 1000) ms"
        default: break
        }
        return nil
    }

    private func success(_ event: RecordedEvent) -> SuccessLevel {
        guard let job = jobs[event.jobID], let channel = event.channel else { return .read }
        guard let ladder = job.ladderID else { return LadderStep.single(channel).success }
        return Workload.ladders[ladder].steps[event.step ?? 0].success
    }
}
