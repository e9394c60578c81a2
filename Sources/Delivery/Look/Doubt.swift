/// Why an attempt is not open any more: nobody waits for it.
public enum Settlement: Sendable, Hashable {
    /// It is known which message is its own, or that it has none.
    case known
    /// Nobody looks for its message any more. A listing may still show it, and then it is nobody else's.
    case givenUp
}

extension JobEvent {
    /// Whether it is a provider's word of which message is the attempt's, or that there is none.
    public var accountsForMessage: Bool {
        switch self {
        case .answered(let answer): !answer.isDoubtful
        case .receipt: providerID != nil
        case .intent, .decided, .deferred, .held, .released, .reconciled, .ended, .unrecognised: false
        }
    }
}

/// What becomes of an attempt that nobody could account for at first.
extension Look {
    /// The listings that do not show a message before it counts as one that nobody can account for.
    static let listingsWanted = 2

    private var isDoubted: Bool { job.history.doubted.contains(job.generation) }

    /// How the doubt came to its end; nil where there was none, or while it has not.
    func resolution(by action: Action) -> JobEvent.Resolution? {
        isDoubted ? end(by: action) : nil
    }

    /// Why the attempt is not open any more; nil while it is.
    ///
    /// One whose job ended otherwise stays open for the time that a listing may lag; housekeeping closes it.
    func settlement(by action: Action) -> Settlement? {
        guard job.isBegun || isDoubted else { return nil }
        switch attempt.phase {
        case .open: return nil
        case .unanswered: return end(by: action) == nil ? nil : .givenUp
        case .notSent, .skipped: return .known
        case .underway, .failed, .arrived: return isAccountedFor ? .known : .givenUp
        }
    }

    /// Whether the provider's own word says which message is the attempt's, or that there is none.
    private var isAccountedFor: Bool {
        let generation = job.generation
        return job.history.answered.contains(generation) || job.history.providerIDs[generation] != nil
            || events.contains { $0.generation == generation && $0.event.accountsForMessage }
    }

    private func end(by action: Action) -> JobEvent.Resolution? {
        switch attempt.phase {
        case .open:
            return nil
        case .unanswered:
            guard attempt.listings >= Self.listingsWanted else { return nil }
            switch action {
            case .nothing, .wait: return nil
            case .retry: return .resend
            case .escalate: return .next
            case .hold: return .hold
            case .finish: return .end
            }
        case .notSent, .skipped, .underway, .failed, .arrived:
            if isListed { return .listing }
            // A worker that was taken for dead may have recorded its answer after all.
            return job.history.answered.contains(job.generation) ? .answer : .callback
        }
    }
}
