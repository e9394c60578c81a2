/// Promise 10: nobody is taken for dead before the silence has lasted, by the database's clock.
struct DatabaseClockDecides: Checker {
    let name = "database-clock-decides"
    private var heartbeats: [String: Time] = [:]

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        switch fact {
        case .heartbeat(let worker): heartbeats[worker] = now
        case .rescued(let worker, let deadAfter):
            guard let last = heartbeats[worker], now - last < deadAfter else { return nil }
            return "a worker is taken for dead \((now - last) / 1000) ms after its heartbeat"
        default: break
        }
        return nil
    }
}
