import Delivery
import JobQueue

@testable import Simulation

/// Facts by hand, each as short as its test can bear.
enum Facts {
    static let number = "+48600000000"

    static func event(
        _ kind: String, _ status: String, _ job: Int = 1, _ generation: Int = 1, at: Time = 0, step: Int = 0,
        channel: Channel = .sms, _ change: (inout EventRecord) -> Void = { _ in }
    ) -> Fact {
        var event = EventRecord(jobID: job, generation: generation, kind: kind, status: status, at: at)
        (event.step, event.channel) = (step, channel)
        change(&event)
        return .event(event)
    }

    /// An intent whose token is `job.generation`.
    static func intent(
        _ job: Int = 1, _ generation: Int = 1, at: Time = 0, step: Int = 0, channel: Channel = .sms,
        to address: String = number, sender: Int = 1, cost: Int = 1
    ) -> Fact {
        event("intent", "taken", job, generation, at: at, step: step, channel: channel) { event in
            event.token = "\(job).\(generation)"
            (event.address, event.senderID, event.cost) = (address, sender, cost)
        }
    }

    static func next(_ code: String, _ generation: Int = 1, step: Int = 0, to next: Int = 0) -> Fact {
        event("next", "decided", 1, generation, step: step) { ($0.code, $0.nextStep) = (code, next) }
    }

    static func answer(_ status: String, _ generation: Int = 1, id: String? = nil, code: String? = nil) -> Fact {
        event("answer", status, 1, generation) { ($0.providerID, $0.code) = (id, code) }
    }

    static func wire(
        _ job: Int = 1, _ generation: Int = 1, channel: Channel = .sms, isFreeForm: Bool = true
    ) -> Wire {
        Wire(
            jobID: job, generation: generation, channel: channel, to: number, from: "+15005550001", text: "x",
            isFreeForm: isFreeForm, token: "\(job).\(generation)", process: 0)
    }

    static func row(_ reason: WakeReason, _ generation: Int = 1, at: Time = 0) -> DueRow {
        DueRow(at: at, jobID: 1, lane: 4, reason: reason, step: 0, generation: generation)
    }

    static func job(_ change: (inout JobRow) -> Void = { _ in }) -> JobRow {
        var job = JobRow(id: 1, category: .alert)
        (job.channel, job.address, job.body) = (.sms, number, "x")
        change(&job)
        return job
    }
}

/// What a checker says of facts, each told at its time in milliseconds.
func alarms(of checker: some Checker, _ facts: [(Int, Fact)], _ database: Database = Database()) -> [String] {
    var checker = checker
    let said = facts.compactMap { checker.see($0.1, at: .milliseconds($0.0)) }
    return said + [checker.atEnd(database)].compactMap(\.self)
}
