/// One attempt of one step, as its facts tell it.
public struct Attempt: Sendable, Hashable {
    /// From 1, across the whole job.
    public var generation: Int
    public var step: Int
    /// When its intent was taken.
    public var begunAt: Instant
    /// When the provider took it, if it is known.
    public var acceptedAt: Instant?
    public var phase: AttemptPhase
    /// The furthest any fact says it got, whatever else was said: a step is through once this reaches its success
    /// level.
    public var reached: SuccessLevel?
    /// The wait the provider asked for with a refusal, if it did.
    public var retryAfter: Duration?
    /// Whether it was not sent because the provider wants fewer requests.
    public var isRateLimited = false
    /// Whether what follows it (a retry, the next step) is decided already.
    public var isContinued: Bool
    /// Listings of the provider's messages that did not show it.
    public var listings: Int
    /// Listings that could not be made, because the provider gave no readable answer.
    public var failedListings = 0
    /// Times the provider was asked at the end of the wait and gave no readable answer.
    public var failedPolls = 0
    /// When the last listing was made.
    public var listedAt: Instant?
    /// Whether it repeats a send that nobody could account for.
    public var isResend: Bool
    /// Whether it waits for a person.
    public var isHeld: Bool
    /// What a person decided about it, if one was asked. Two who disagree count as `sent`: a doubt never sends twice.
    public var ruling: Ruling?
    /// Why its call is to be ended at the provider, if it is.
    public var toEnd: EndReason?

    public init(
        generation: Int, step: Int, begunAt: Instant, acceptedAt: Instant? = nil, phase: AttemptPhase = .open,
        reached: SuccessLevel? = nil, retryAfter: Duration? = nil, isContinued: Bool = false, listings: Int = 0,
        isResend: Bool = false, isHeld: Bool = false, ruling: Ruling? = nil
    ) {
        self.generation = generation
        self.step = step
        self.begunAt = begunAt
        self.acceptedAt = acceptedAt
        self.phase = phase
        self.reached = reached ?? phase.level
        self.retryAfter = retryAfter
        self.isContinued = isContinued
        self.listings = listings
        self.isResend = isResend
        self.isHeld = isHeld
        self.ruling = ruling
    }

    /// Takes in one more event of it. The order of events does not matter, nor how often one is told.
    public mutating func learn(_ event: JobEvent, at instant: Instant) {
        if let fact = event.fact { learn(fact, at: instant) }
        if let wait = event.retryAfter { retryAfter = max(retryAfter ?? .zero, wait) }
        switch event {
        case .answered(.notSent(_, true, _)): isRateLimited = true
        case .decided: isContinued = true
        case .held: isHeld = ruling == nil
        case .released: isHeld = false
        case .reconciled(.listing(let number, _)):
            listings = max(listings, number)
            listedAt = max(listedAt ?? instant, instant)
        case .reconciled(.unavailable(let number, _)): failedListings = max(failedListings, number)
        case .reconciled(.unread(let number, _)): failedPolls = max(failedPolls, number)
        case .reconciled(.ending(let stage, let end, _)):
            toEnd = end ?? toEnd
            if stage == .ended { phase = phase.after(.failed(.noAnswer)) }
        case .intent, .answered, .receipt, .deferred, .reconciled, .ended, .unrecognised: break
        }
    }

    /// Takes in one more fact, learnt at `instant`.
    public mutating func learn(_ fact: AttemptFact, at instant: Instant) {
        phase = phase.after(fact)
        if let level = AttemptPhase(fact).level {
            reached = max(reached ?? level, level)
            acceptedAt = min(acceptedAt ?? instant, instant)
        }
        if case .ruled(let sent) = fact {
            ruling = sent || ruling == .sent ? .sent : .notSent
        }
    }
}

/// One thing known about one attempt: the reply to our request, a receipt, or a finding.
public enum AttemptFact: Sendable, Hashable {
    /// The provider took it and gave an id.
    case accepted
    /// The provider answered with an error that says it took nothing.
    case refused(FailureClass)
    /// Provably nothing left, or the provider says it processed nothing (HTTP 429).
    case notSent
    /// It may or may not have been taken: bytes went out and no readable answer came.
    case unknown
    /// The worker died between taking the intent and recording an answer.
    case lost
    /// Nothing was tried, for this reason.
    case skipped(SkipReason)
    /// A receipt that says how far the message got.
    case reached(SuccessLevel)
    /// A receipt that says it will not get there.
    case failed(FailureClass)
    /// A person decided that a held attempt had been sent, or had not.
    case ruled(sent: Bool)

    /// Every fact there can be: what the table tests run over.
    public static let all: [AttemptFact] =
        [.accepted, .notSent, .unknown, .lost, .ruled(sent: true), .ruled(sent: false)]
        + FailureClass.allCases.flatMap { [.refused($0), .failed($0)] }
        + SkipReason.allCases.map(AttemptFact.skipped)
        + SuccessLevel.allCases.map(AttemptFact.reached)
}

/// What a person decided about a held attempt.
public enum Ruling: Sendable, Hashable {
    case sent
    case notSent
}
