/// One thing that happened to a job. Events are only added; a job is what its events say.
///
/// A word that a newer release wrote is nil here (`decided(nil, …)`): that it happened counts, what it says does not.
public enum JobEvent: Sendable, Hashable {
    /// An attempt began. Its callbacks carry the token.
    case intent(token: String?)
    /// What came of the request to the provider.
    case answered(Answer)
    /// The provider's word about a message that it took.
    case receipt(Receipt)
    /// What follows the attempt: another one, of this step of the ladder.
    case decided(Continuation?, step: Int?, reason: String? = nil)
    /// A rule said "not now". The number tells the deferrals of one attempt apart. It is 0 for the wait for a message that
    /// looks the same, which is told once an attempt, however often it is tried again.
    /// The detail says which rule, where there are several.
    case deferred(number: Int, DeferReason?, until: Instant?, detail: String? = nil)
    /// The attempt waits for a person.
    case held(reason: String? = nil)
    /// A person decided about a held attempt.
    case released(asSent: Bool, reason: String? = nil)
    /// What was found out about an attempt that nobody could account for.
    case reconciled(Reconciliation)
    /// The job is over.
    case ended(Outcome?, reason: String? = nil)
    /// A newer release wrote it. It is carried as it stands, and has no effect.
    case unrecognised(EventColumns)

    /// What came of the request to the provider.
    public enum Answer: Sendable, Hashable {
        /// The provider took the message. `note` is the provider's first word, or how the message was found.
        case accepted(providerID: String?, note: String? = nil)
        /// The provider said no.
        case refused(code: String? = nil, FailureClass, reason: String? = nil, retryAfter: Duration? = nil)
        /// Nothing left, or the provider says that it processed nothing.
        case notSent(reason: String?, isRateLimited: Bool = false, retryAfter: Duration? = nil)
        /// Bytes left and no readable answer came.
        case unknown(reason: String? = nil)
        /// The worker died before it recorded an answer.
        case lost(reason: String? = nil)
        /// Nothing was tried.
        case skipped(SkipReason?, detail: String? = nil)
    }

    /// The provider's word about a message that it took.
    public struct Receipt: Sendable, Hashable {
        /// The key of the receipt among those of its attempt.
        public var status: String
        public var finding: Finding
        public var code: String?
        public var providerID: String?
        public var retryAfter: Duration?
        public var reason: String?

        public enum Finding: Sendable, Hashable {
            /// The provider is at it.
            case progress
            case reached(SuccessLevel)
            case failed(FailureClass)
        }

        public init(
            status: String, _ finding: Finding, code: String? = nil, providerID: String? = nil,
            retryAfter: Duration? = nil, reason: String? = nil
        ) {
            self.status = status
            self.finding = finding
            self.code = code
            self.providerID = providerID
            self.retryAfter = retryAfter
            self.reason = reason
        }
    }

    /// What follows an attempt.
    public enum Continuation: String, Sendable, CaseIterable {
        /// The same step again.
        case retry
        /// The same step again although the last message may have been taken.
        case resend
        /// Another step.
        case escalate
    }

    /// What was found out about an attempt that nobody could account for. A number counts the tries of one attempt.
    public enum Reconciliation: Sendable, Hashable {
        /// A list of the provider's messages did not show it.
        case listing(Int, reason: String? = nil)
        /// The provider's messages could not be listed.
        case unavailable(Int, reason: String? = nil)
        /// The provider gave no readable answer at the end of a wait.
        case unread(Int, reason: String? = nil)
        /// The doubt is over.
        case resolved(Resolution?, providerID: String? = nil)
        /// It arrived after the ladder had gone on.
        case lateDelivery(after: Continuation?, providerID: String? = nil, reason: String? = nil)
        /// It had been taken although it was repeated.
        case duplicate(of: Continuation?, providerID: String? = nil, reason: String? = nil)
        /// Its call is to be ended, or what came of that.
        case ending(EndStage, EndReason?, reason: String? = nil)
    }

    /// How far the end of a call got.
    public enum EndStage: String, Sendable, CaseIterable {
        /// Somebody's word, in the commit of the fact that it follows from: the provider is asked next.
        case asked = "asked to end"
        /// The call will not ring, or was never made.
        case ended
        /// It was answered, or over, before.
        case tooLate = "too late"
    }

    /// How a doubt came to its end: by news, or by the policy for what cannot be known.
    public enum Resolution: String, Sendable, CaseIterable {
        case callback, listing, answer, resend, next, hold, end
    }
}

/// Which rule said "not now".
public enum DeferReason: String, Sendable, CaseIterable, Codable {
    /// Another message that looks the same is not accounted for yet.
    case openSend = "open_send"
    /// It is night where the person lives.
    case quietHours = "quiet_hours"
    /// Its campaign writes at other hours where the person lives.
    case campaignWindow = "campaign_window"
    /// As much as may be sent in this time was sent.
    case cap
    /// What it says is sealed with a key that the worker does not have.
    case sealKeyMissing = "seal_key_missing"

    /// For whoever reads the job's timeline.
    var words: String {
        switch self {
        case .openSend: "it waits for another message to this person that looks the same and is not accounted for yet"
        case .quietHours: "it is night where the person lives"
        case .campaignWindow: "its campaign writes at other hours where the person lives"
        case .cap: "as much as may be sent in this time was sent"
        case .sealKeyMissing: "its content is sealed with a key that the worker does not have"
        }
    }
}

extension JobEvent {
    /// Another message that looks the same is open. When that ends, nobody can say.
    public static let waitsForOpenSend = deferred(number: 0, .openSend, until: nil)

    /// What it says of its attempt; nil when it says something else.
    public var fact: AttemptFact? {
        switch self {
        case .answered(let answer): answer.fact
        case .receipt(let receipt): receipt.fact
        case .released(let asSent, _): .ruled(sent: asSent)
        case .intent, .decided, .deferred, .held, .reconciled, .ended, .unrecognised: nil
        }
    }

    /// Whether the ladder goes on from the attempt, or the job is over.
    public var endsAttempt: Bool {
        switch self {
        case .decided, .ended: true
        case .intent, .answered, .receipt, .deferred, .held, .released, .reconciled, .unrecognised: false
        }
    }

    /// The wait that the provider asked for.
    public var retryAfter: Duration? {
        switch self {
        case .answered(.refused(_, _, _, let wait)), .answered(.notSent(_, _, let wait)): wait
        case .receipt(let receipt): receipt.retryAfter
        case .answered, .intent, .decided, .deferred, .held, .released, .reconciled, .ended, .unrecognised: nil
        }
    }

    /// The provider's id of the message, where the event names it.
    public var providerID: String? {
        switch self {
        case .answered(.accepted(let id, _)), .reconciled(.resolved(_, let id)),
            .reconciled(.lateDelivery(_, let id, _)), .reconciled(.duplicate(_, let id, _)):
            id
        case .receipt(let receipt): receipt.providerID
        case .answered, .intent, .decided, .deferred, .held, .released, .reconciled, .ended, .unrecognised: nil
        }
    }
}

extension JobEvent.Answer {
    public var fact: AttemptFact? {
        switch self {
        case .accepted: .accepted
        case .refused(_, let failure, _, _): .refused(failure)
        case .notSent: .notSent
        case .unknown: .unknown
        case .lost: .lost
        case .skipped(let reason, _): reason.map(AttemptFact.skipped)
        }
    }

    /// Whether it leaves open what became of the message.
    public var isDoubtful: Bool {
        switch self {
        case .unknown, .lost: true
        case .accepted, .refused, .notSent, .skipped: false
        }
    }
}

extension JobEvent.Receipt {
    /// Progress is a fact too: whatever the provider reports on, it has taken.
    public var fact: AttemptFact {
        switch finding {
        case .progress: .reached(.accepted)
        case .reached(let level): .reached(level)
        case .failed(let failure): .failed(failure)
        }
    }
}
