/// What becomes of an attempt that nobody could account for at first.
extension Look {
    /// The listings that do not show a message before it counts as one that nobody can account for.
    static let listingsWanted = 2

    private var isDoubted: Bool { job.history.doubted.contains(job.generation) }

    /// How the doubt came to its end; nil where there was none, or while it has not.
    func resolution(by action: Action) -> JobEvent.Resolution? {
        isDoubted ? end(by: action) : nil
    }

    /// Whether another message that looks the same may be sent now: what became of this one is known, or given up.
    ///
    /// One whose job ended otherwise stays open for the time that a listing may lag; housekeeping closes it.
    func settlesSend(_ action: Action) -> Bool {
        guard job.isBegun || isDoubted else { return false }
        switch attempt.phase {
        case .open: return false
        case .unanswered: return end(by: action) != nil
        case .notSent, .skipped, .underway, .failed, .arrived: return true
        }
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
