/// Promise 5: attempts are numbered one after the other, each follows a recorded decision, no step comes before the one
/// it follows, one thing follows an attempt, a job ends once, and nothing begins after its end.
struct LadderNeverBack: Checker {
    let name = "ladder-never-back"
    private var steps: [Int: [Int: Int]] = [:]
    private var decided: Set<Database.FactAddress> = []
    private var ended: [Int: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .event(let event) = fact else { return nil }
        return see(event, at: now)
    }

    private mutating func see(_ event: EventRecord, at now: Time) -> String? {
        switch event.kind {
        case "intent": return begin(event)
        case "next":
            if !decided.insert(.init(jobID: event.jobID, generation: event.generation)).inserted {
                return "\(event): decided before"
            }
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
        if event.generation > 1, !decided.contains(.init(jobID: event.jobID, generation: event.generation - 1)) {
            return "\(event): nobody decided it"
        }
        if steps[event.jobID]?[event.generation] != nil { return "\(event): begun before" }
        if let before = steps[event.jobID]?.filter({ $0.key < event.generation }).map(\.value).max(), before > step {
            return "\(event): after step \(before)"
        }
        steps[event.jobID, default: [:]][event.generation] = step
        return nil
    }
}
