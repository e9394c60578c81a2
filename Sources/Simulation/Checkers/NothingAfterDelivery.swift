import Delivery

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
        case .intent(let event, _, _):
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
