/// Promise 5: attempts are numbered one after the other, each is of the step that a recorded decision names, no step comes
/// before the one it follows, one thing follows an attempt, a job ends once, and nothing begins after its end.
struct LadderNeverBack: Checker {
    let name = "ladder-never-back"
    private var steps: [Int: [Int: Int]] = [:]
    /// The step that was decided on after an attempt.
    private var decided: [Database.FactAddress: Int] = [:]
    private var ended: [Int: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .event(let event) = fact else { return nil }
        return see(event, at: now)
    }

    private mutating func see(_ event: EventRecord, at now: Time) -> String? {
        switch event.kind {
        case "intent": return begin(event)
        case "next":
            let address = Database.FactAddress(jobID: event.jobID, generation: event.generation)
            if decided[address] != nil { return "\(event): decided before" }
            decided[address] = event.nextStep ?? -1
        case "outcome":
            if ended[event.jobID] != nil { return "\(event): it had ended" }
            ended[event.jobID] = now
        default: break
        }
        return nil
    }

    private mutating func begin(_ event: EventRecord) -> String? {
        let step = event.step ?? 0
        if let end = ended[event.jobID], end < event.at { return "\(event): the job had ended" }
        if event.generation > 1 {
            let next = decided[.init(jobID: event.jobID, generation: event.generation - 1)]
            guard let next else { return "\(event): nobody decided it" }
            if next != step { return "\(event): step \(next) was decided on" }
        }
        if steps[event.jobID]?[event.generation] != nil { return "\(event): begun before" }
        if let before = steps[event.jobID]?.filter({ $0.key < event.generation }).map(\.value).max(), before > step {
            return "\(event): after step \(before)"
        }
        steps[event.jobID, default: [:]][event.generation] = step
        return nil
    }
}
