import Delivery

/// A job at the moment it is looked at, told in seconds from the intent of its first attempt.
struct Situation: Sendable {
    static let start = Instant(microseconds: 1_700_000_000_000_000)
    /// Text, call, mail: the ladder most people mean.
    static let ladder = Ladder(steps: [
        LadderStep(channel: .sms, wait: .seconds(60), success: .delivered, maxAttempts: 3),
        LadderStep(channel: .voice, wait: .seconds(120), success: .answered, maxAttempts: 3),
        LadderStep(channel: .email, wait: .seconds(3600), success: .delivered, maxAttempts: 3),
    ])

    var ladder = Situation.ladder
    var category = Category.otp
    var attempts: [Attempt] = []
    var expiresAt: Instant?
    var isEnded = false
    var now = Situation.time(1)
    var timing = Timing()
    var isUnread = false

    static func time(_ seconds: Double) -> Instant {
        start.advanced(by: .seconds(seconds))
    }

    /// What is decided at a due row of the last attempt, or of another generation.
    func action(_ reason: DueReason = .decide, generation: Int? = nil, seed: UInt64 = 1) -> Action {
        var random = SplitMix64(seed: seed)
        let facts = JobFacts(
            ladder: ladder, category: category, expiresAt: expiresAt, attempts: attempts, isEnded: isEnded)
        let generation = generation ?? facts.attempts.last?.generation ?? 1
        let decision = Decision(facts: facts, timing: timing, now: now, isUnread: isUnread)
        return decision.action(on: generation, for: reason, using: &random)
    }

    /// A job at its first step.
    static func first(_ phase: AttemptPhase, category: Category = .otp) -> Situation {
        Situation(category: category, attempts: [attempt(1, step: 0, phase)])
    }

    /// The same job at its last step, the others having failed.
    static func last(_ phase: AttemptPhase, category: Category = .otp) -> Situation {
        Situation(
            category: category,
            attempts: [
                attempt(1, step: 0, .failed(.unreachable), isContinued: true),
                attempt(2, step: 1, .failed(.noAnswer), isContinued: true),
                attempt(3, step: 2, phase),
            ])
    }

    /// A job of one step.
    static func single(_ channel: Channel, _ phase: AttemptPhase, category: Category = .otp) -> Situation {
        Situation(
            ladder: Ladder(steps: [.single(channel)]), category: category, attempts: [attempt(1, step: 0, phase)])
    }

    /// An attempt begun at the start; accepted half a second later if it was taken at all.
    static func attempt(
        _ generation: Int, step: Int, _ phase: AttemptPhase, begunAt: Double = 0, isContinued: Bool = false,
        isResend: Bool = false
    ) -> Attempt {
        Attempt(
            generation: generation, step: step, begunAt: time(begunAt),
            acceptedAt: phase.level == nil ? nil : time(begunAt + 0.5), phase: phase, isContinued: isContinued,
            isResend: isResend)
    }
}

/// An action without its times and words: what the tables name.
enum Verdict: Sendable, Hashable {
    case nothing
    case wait(DueReason)
    case retry
    case resend
    case escalate(Int)
    case hold
    case finish(Outcome)

    init(_ action: Action) {
        switch action {
        case .nothing: self = .nothing
        case .wait(_, let reason): self = .wait(reason)
        case .retry(_, _, let isResend): self = isResend ? .resend : .retry
        case .escalate(let step, _): self = .escalate(step)
        case .hold: self = .hold
        case .finish(let outcome, _): self = .finish(outcome)
        }
    }
}
