import Delivery

/// What a fact makes of a phase, said fact by fact in plain words: written apart from the order of phases it checks.
enum PhaseOracle {
    /// Every phase there can be written down, reachable or not.
    static let phases: [AttemptPhase] =
        [.open, .unanswered, .notSent]
        + SkipReason.allCases.map(AttemptPhase.skipped)
        + SuccessLevel.allCases.flatMap { [.underway($0), .arrived($0)] }
        + FailureClass.allCases.map(AttemptPhase.failed)

    /// The phases that one fact leads to, and the one before any fact.
    static let reachable: [AttemptPhase] =
        [.open, .unanswered, .notSent, .underway(.accepted), .underway(.sent)]
        + SkipReason.allCases.map(AttemptPhase.skipped)
        + [.arrived(.voicemail), .arrived(.delivered), .arrived(.answered), .arrived(.read)]
        + FailureClass.allCases.map(AttemptPhase.failed)

    static func after(_ phase: AttemptPhase, _ fact: AttemptFact) -> AttemptPhase {
        switch fact {
        case .unknown, .lost:
            // "We cannot say" is news only while nothing else was said.
            phase == .open ? .unanswered : phase
        case .notSent, .ruled(sent: false):
            phase == .open || phase == .unanswered ? .notSent : phase
        case .skipped(let reason):
            skipped(reason, in: phase)
        case .accepted, .ruled(sent: true):
            underway(.accepted, in: phase)
        case .reached(let level):
            level == .accepted || level == .sent ? underway(level, in: phase) : arrived(level, in: phase)
        case .refused(let failure), .failed(let failure):
            failed(failure, in: phase)
        }
    }

    private static func skipped(_ reason: SkipReason, in phase: AttemptPhase) -> AttemptPhase {
        switch phase {
        case .open, .unanswered, .notSent: .skipped(reason)
        case .skipped(let other): .skipped(later(reason, other, in: skips))
        case .underway, .failed, .arrived: phase
        }
    }

    private static func underway(_ level: SuccessLevel, in phase: AttemptPhase) -> AttemptPhase {
        switch phase {
        case .open, .unanswered, .notSent, .skipped: .underway(level)
        case .underway(let other): .underway(later(level, other, in: levels))
        case .failed, .arrived: phase
        }
    }

    private static func failed(_ failure: FailureClass, in phase: AttemptPhase) -> AttemptPhase {
        switch phase {
        case .open, .unanswered, .notSent, .skipped, .underway: .failed(failure)
        case .failed(let other): .failed(later(failure, other, in: failures))
        case .arrived: phase
        }
    }

    private static func arrived(_ level: SuccessLevel, in phase: AttemptPhase) -> AttemptPhase {
        switch phase {
        case .open, .unanswered, .notSent, .skipped, .underway, .failed: .arrived(level)
        case .arrived(let other): .arrived(later(level, other, in: levels))
        }
    }

    /// An opt-out is never hidden by another reason.
    private static let skips: [SkipReason] = [
        .noContent, .sealBroken, .windowClosed, .capped, .noConsent, .noSender, .routeClosed, .noTextLine,
        .deadNumber, .riskyNumber, .countryNotAllowed, .prefixBlocked, .invalidNumber, .noAddress, .optedOut,
    ]
    private static let levels: [SuccessLevel] = [.accepted, .sent, .voicemail, .delivered, .answered, .read]
    private static let failures = FailureClassTests.order

    private static func later<Value: Equatable>(_ one: Value, _ other: Value, in order: [Value]) -> Value {
        order.last { $0 == one || $0 == other } ?? one
    }
}
