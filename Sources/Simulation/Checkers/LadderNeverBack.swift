import Delivery

/// Promise 5: attempts are numbered one after the other, each is of the step that a recorded decision names, no step comes
/// before the one it follows, one thing follows an attempt, a job ends once, and nothing begins after its end.
struct LadderNeverBack: Checker {
    let name = "ladder-never-back"
    private var steps: [Int: [Int: Int]] = [:]
    /// The step that was decided on after an attempt.
    private var decided: [Database.FactAddress: Int] = [:]
    private var ended: [Int: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .intent(let event, _, _): return begin(event)
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

    private mutating func begin(_ event: RecordedEvent) -> String? {
        let step = event.step ?? 0
        if let end = ended[event.jobID], end < event.time { return "\(event.line): the job had ended" }
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
