/// What the facts about one attempt add up to.
///
/// Phases are ordered by how much they settle, and a fact only ever raises the phase: `after(_:)` is a maximum. So the
/// same set of facts gives the same phase in any order and any number of repetitions, and nothing ever goes back. A
/// receipt outranks our own bookkeeping: a callback proves acceptance, whatever the lost reply said. A delivery outranks a
/// failure. An opt-out outranks every other reason to pass a step over.
public enum AttemptPhase: Sendable, Hashable {
    /// The intent is taken and nothing has been heard. May become anything.
    case open
    /// Nobody knows whether the provider took it. Reconciliation, a late receipt or a person settles it.
    case unanswered
    /// Provably nothing left. May still be outranked by a receipt, if the proof was wrong.
    case notSent
    /// Nothing was tried. Of two reasons the greater counts.
    case skipped(SkipReason)
    /// The provider has it, or it is on the way at this level.
    case underway(SuccessLevel)
    /// It will not get there. Only a delivery outranks it.
    case failed(FailureClass)
    /// It got to a machine, the person or the mailbox. Terminal, but may still rise (delivered, then read).
    case arrived(SuccessLevel)

    /// The phase one fact alone leads to.
    public init(_ fact: AttemptFact) {
        switch fact {
        case .accepted, .ruled(sent: true): self = .underway(.accepted)
        case .refused(let failure), .failed(let failure): self = .failed(failure)
        case .notSent, .ruled(sent: false): self = .notSent
        case .unknown, .lost: self = .unanswered
        case .skipped(let reason): self = .skipped(reason)
        case .reached(let level):
            switch level {
            case .accepted, .sent: self = .underway(level)
            case .voicemail, .delivered, .answered, .read: self = .arrived(level)
            }
        }
    }

    /// The phase once `fact` is known too.
    public func after(_ fact: AttemptFact) -> AttemptPhase {
        max(self, AttemptPhase(fact))
    }

    /// How far the message is known to have got; nil when it is not known to have been taken.
    public var level: SuccessLevel? {
        switch self {
        case .underway(let level), .arrived(let level): level
        case .open, .unanswered, .notSent, .skipped, .failed: nil
        }
    }
}

extension AttemptPhase: Comparable {
    public static func < (less: AttemptPhase, more: AttemptPhase) -> Bool {
        switch (less, more) {
        case (.skipped(let one), .skipped(let other)): one < other
        case (.underway(let one), .underway(let other)), (.arrived(let one), .arrived(let other)): one < other
        case (.failed(let one), .failed(let other)): one < other
        case (.open, _), (.unanswered, _), (.notSent, _), (.skipped, _), (.underway, _), (.failed, _), (.arrived, _):
            less.rank < more.rank
        }
    }

    private var rank: Int {
        switch self {
        case .open: 0
        case .unanswered: 1
        case .notSent: 2
        case .skipped: 3
        case .underway: 4
        case .failed: 5
        case .arrived: 6
        }
    }
}
