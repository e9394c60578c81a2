import Delivery

/// A fact as the record statement reads it; the keys become snake case.
struct StoredFact: Encodable {
    var jobID: Int
    var generation: Int
    var kind: String
    var status: String
    var step: Int?
    var ladderID: Int?
    var channel: String?
    var senderID: Int?
    var code: String?
    var `class`: String?
    var level: String?
    var providerID: String?
    var worker: String
    var reason: String?
    var detail: [String: Int]?

    init(_ event: NewEvent, worker: String) {
        jobID = event.jobID
        generation = event.generation
        kind = event.kind.rawValue
        status = event.status
        step = event.step
        ladderID = event.ladderID
        channel = event.channel?.rawValue
        senderID = event.senderID
        code = event.code
        `class` = event.failure?.rawValue
        level = event.level?.rawValue
        providerID = event.providerID
        self.worker = worker
        reason = event.reason
        var detail: [String: Int] = [:]
        detail["retry_after"] = event.retryAfterSeconds
        detail["next_step"] = event.nextStep
        self.detail = detail.isEmpty ? nil : detail
    }
}

/// A wake-up as the record statement reads it; the keys become snake case.
struct StoredWake: Encodable {
    var jobID: Int
    var atUs: Int64
    var reason: String
    var step: Int
    var generation: Int
    var ladderID: Int?
    var channel: String
    var fenceGeneration: Int?
    var fenceKind: String?
    var fenceStatus: String?

    init(_ wakeUp: WakeUp, fence: NewEvent?) {
        jobID = wakeUp.jobID
        atUs = wakeUp.at.microseconds
        reason = wakeUp.reason.rawValue
        step = wakeUp.step
        generation = wakeUp.generation
        ladderID = wakeUp.ladderID
        channel = wakeUp.channel.rawValue
        fenceGeneration = fence?.generation
        fenceKind = fence?.kind.rawValue
        fenceStatus = fence?.status
    }
}
