/// Promise 1: every committed job ends in an outcome or is held, once the faults are over.
struct NothingLost: Checker {
    let name = "nothing-lost"

    mutating func see(_ fact: Fact, at now: Time) -> String? { nil }

    func atEnd(_ database: SimulatedDatabase) -> String? {
        let lost = database.jobs.keys.filter { !database.hasEnded($0) && !database.isHeld($0) }.sorted()
        return lost.first.map { "job \($0) neither ended nor is it held" }
    }
}

/// Promise 8: what a dead worker held is held by somebody else, or by nobody, within 60 s. The time counts from when
/// there was a database that answered and a worker. Whoever claims is alive.
struct DeadMoveOn: Checker {
    let name = "dead-move-on"
    private static let limit = Time.seconds(60)
    private var heartbeats: [String: Time] = [:]
    private var wellSince: Time?

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .heartbeat(let worker), .leased(_, let worker): heartbeats[worker] = now
        case .watched(let isWell, let leases):
            wellSince = isWell ? wellSince ?? now : nil
            guard let wellSince, now - wellSince > Self.limit else { return nil }
            for lease in leases {
                guard let last = heartbeats[lease.worker] else { continue }
                // 5 s to the next look of the watcher.
                if now - last > Self.limit + .seconds(5) {
                    return "lease \(lease.id) is held by a worker silent for \((now - last) / 1_000_000) s"
                }
            }
        default: break
        }
        return nil
    }
}
