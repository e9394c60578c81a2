import Delivery

/// Promises 3 and 8: no byte of a body leaves without an intent, or later than 5 s after it, whatever slept in between.
struct FenceHolds: Checker {
    let name = "fence-holds"
    private var intents: [String: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .intent(let event, _):
            if let token = event.event.token { intents[token] = event.time }
        case .bodyLeft(let wire):
            guard let intent = intents[wire.token] else { return "\(wire): it has no intent" }
            if now - intent > .seconds(5) { return "\(wire): \((now - intent) / 1000) ms after its intent" }
        default: break
        }
        return nil
    }
}

/// Promise 10: by the database's clock, nobody is taken for dead before the silence has lasted, and nothing begins before
/// the time it was asked for. Nothing is sent whose time was over when its intent was taken.
struct DatabaseClockDecides: Checker {
    let name = "database-clock-decides"
    private var heartbeats: [String: Time] = [:]
    private var jobs: [Int: JobRow] = [:]
    private var intents: [String: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .heartbeat(let worker): heartbeats[worker] = now
        case .rescued(let worker, let deadAfter):
            guard let last = heartbeats[worker], now - last < deadAfter else { return nil }
            return "a worker is taken for dead \((now - last) / 1000) ms after its heartbeat"
        case .asked(let job): jobs[job.id] = job
        case .intent(let event, _):
            if let token = event.event.token { intents[token] = event.time }
            guard let runAt = jobs[event.jobID]?.runAt, event.time < runAt else { return nil }
            return "\(event.line): asked for at \(runAt / 1000) ms"
        case .bodyLeft(let wire):
            guard let end = jobs[wire.jobID]?.expiresAt, let intent = intents[wire.token], intent >= end else {
                return nil
            }
            return "\(wire): its time was over at \(end / 1000) ms"
        default: break
        }
        return nil
    }
}
