import Delivery

/// One row of `events` as the history of a claimed job carries it: what the decision reads of it.
struct EventRow: Decodable {
    private var generation: Int
    private var kind: String
    private var status: String
    /// Microseconds since the Unix epoch.
    private var at: Int64
    private var step: Int?
    private var code: String?
    private var failure: String?
    private var level: String?
    private var providerID: String?
    private var token: String?
    private var retryAfter: Int?

    private enum CodingKeys: String, CodingKey {
        case generation = "g"
        case kind = "k"
        case status = "s"
        case at = "t"
        case step = "n"
        case code = "c"
        case failure = "f"
        case level = "l"
        case providerID = "p"
        case token = "o"
        case retryAfter = "r"
    }

    func event(of job: Int) -> RecordedEvent {
        RecordedEvent(
            jobID: job, generation: generation, step: step, at: Instant(microseconds: at),
            reading: EventColumns(
                kind: kind, status: status, code: code, failure: failure, level: level, providerID: providerID,
                token: token, detail: EventColumns.detail(retryAfterSeconds: retryAfter)))
    }
}
