public import Delivery

/// One row of `events` as the history of a job carries it.
public struct EventRow: Sendable, Hashable, Decodable {
    public var generation: Int
    public var kind: String
    public var status: String
    /// Microseconds since the Unix epoch.
    public var at: Int64
    public var step: Int?
    public var code: String?
    public var failure: String?
    public var level: String?
    public var providerID: String?
    public var token: String?
    public var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
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

    public init(
        generation: Int, kind: String, status: String, at: Int64, step: Int? = nil, code: String? = nil,
        failure: String? = nil, level: String? = nil, providerID: String? = nil, token: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.generation = generation
        self.kind = kind
        self.status = status
        self.at = at
        self.step = step
        self.code = code
        self.failure = failure
        self.level = level
        self.providerID = providerID
        self.token = token
        self.retryAfter = retryAfter
    }

    /// What it says of its attempt; nil when it says something else.
    public var fact: AttemptFact? {
        switch (kind, status) {
        case ("answer", "accepted"): .accepted
        case ("answer", "refused"): .refused(failureClass)
        case ("answer", "not_sent"): .notSent
        case ("answer", "unknown"): .unknown
        case ("answer", "lost"): .lost
        case ("answer", "skipped"): code.flatMap(SkipReason.init).map(AttemptFact.skipped)
        case ("released", "sent"): .ruled(sent: true)
        case ("released", "not_sent"): .ruled(sent: false)
        case ("receipt", _): receiptFact
        default: nil
        }
    }

    private var receiptFact: AttemptFact? {
        if failure != nil { return .failed(failureClass) }
        return .reached(level.flatMap(SuccessLevel.init) ?? .accepted)
    }

    /// A class that this version does not know counts as unknown.
    private var failureClass: FailureClass {
        failure.flatMap(FailureClass.init) ?? .unknown
    }
}
