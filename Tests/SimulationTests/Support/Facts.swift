import Delivery
import JobQueue

@testable import Simulation

/// Facts by hand, each as short as its test can bear.
enum Facts {
    static let number = "+48600000000"
    /// An opt-out of it from every text.
    static let texts = SuppressionKey(address: number, channel: .sms)

    static func recorded(
        _ event: JobEvent, _ job: Int = 1, _ generation: Int = 1, at: Time = 0, step: Int = 0, channel: Channel = .sms
    ) -> RecordedEvent {
        RecordedEvent(jobID: job, generation: generation, step: step, channel: channel, at: at.instant, event)
    }

    static func event(_ event: JobEvent, _ job: Int = 1, _ generation: Int = 1, step: Int = 0) -> Fact {
        .event(recorded(event, job, generation, step: step))
    }

    /// An intent whose token is `job.generation`.
    static func intent(
        _ job: Int = 1, _ generation: Int = 1, at: Time = 0, step: Int = 0, channel: Channel = .sms,
        to address: String = number, sender: Int = 1, cost: Int = 1
    ) -> Fact {
        var intent = recorded(
            .intent(token: "\(job).\(generation)"), job, generation, at: at, step: step, channel: channel)
        intent.senderID = sender
        return .intent(intent, Beginning(address: address, cost: cost, seen: at))
    }

    static func next(_ next: JobEvent.Continuation, _ generation: Int = 1, to step: Int = 0) -> Fact {
        event(.decided(next, step: step), 1, generation)
    }

    static func wire(
        _ job: Int = 1, _ generation: Int = 1, channel: Channel = .sms, isFreeForm: Bool = true
    ) -> Wire {
        Wire(
            jobID: job, generation: generation, channel: channel, to: number, from: "+15005550001", text: "x",
            isFreeForm: isFreeForm, token: "\(job).\(generation)", process: 0)
    }

    static func row(_ reason: DueReason, _ generation: Int = 1, at: Time = 0) -> PlacedRow {
        PlacedRow(at: at, jobID: 1, lane: 4, reason: reason, step: 0, generation: generation)
    }

    static func job(_ change: (inout JobRow) -> Void = { _ in }) -> JobRow {
        var job = JobRow(id: 1, category: .alert)
        (job.channel, job.address, job.body) = (.sms, number, "x")
        change(&job)
        return job
    }
}

/// What a checker says of facts, each told at its time in milliseconds.
func alarms(of checker: some Checker, _ facts: [(Int, Fact)], _ database: SimulatedDatabase = SimulatedDatabase())
    -> [String]
{
    var checker = checker
    let said = facts.compactMap { checker.see($0.1, at: .milliseconds($0.0)) }
    return said + [checker.atEnd(database)].compactMap(\.self)
}
