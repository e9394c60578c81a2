/// What a message is for. It decides priority, and what happens when nobody can say whether a send was accepted.
public enum Category: String, Sendable, CaseIterable, Codable {
    case otp
    case alert
    case transactional
    case marketing

    /// The priority of a job that names none: 0 is looked at first, 3 last.
    public var defaultPriority: Int {
        switch self {
        case .otp: 0
        case .alert: 1
        case .transactional: 2
        case .marketing: 3
        }
    }

    /// Whether it goes on to the next step when a provider asks for patience for longer than the step may take.
    ///
    /// A one-time password that comes after the login is worth nothing. An offer by telephone, because a text had to queue,
    /// is worse than a late text.
    public var climbsFromWaits: Bool {
        switch self {
        case .otp, .alert: true
        case .transactional, .marketing: false
        }
    }

    /// How long a message is worth sending when its job does not say; nil is without end.
    ///
    /// One-time passwords commonly live for five to ten minutes. One that comes later only confuses.
    public var lifetime: Duration? {
        switch self {
        case .otp: .seconds(600)
        case .alert, .transactional, .marketing: nil
        }
    }

    /// Until when a message is worth sending: as its job says, else by its lifetime from when it was due.
    public func deadline(asked: Instant?, dueAt: Instant) -> Instant? {
        asked ?? lifetime.map(dueAt.advanced(by:))
    }

    /// What an unknown send leads to when the step does not say.
    ///
    /// A one-time password or an alert is worth a possible second copy; a receipt or an offer is not.
    public var defaultUnknownPolicy: UnknownPolicy {
        switch self {
        case .otp, .alert: .resend
        case .transactional: .hold
        case .marketing: .next
        }
    }
}
