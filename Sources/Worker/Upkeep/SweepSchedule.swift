/// When a loop looks below its floors: for rows that a rolled-back claim gave back.
struct SweepSchedule {
    enum Reach {
        /// From the floors on.
        case floors
        /// From a few minutes below them.
        case sweep
        /// The same, once the lanes that had nothing for a minute are forgotten.
        case tidySweep
        /// Over the whole index, as at the start.
        case everything
    }

    private static let sweepEvery = Duration.seconds(5)
    private static let tidyEvery = Duration.seconds(60)
    private static let everythingEvery = Duration.seconds(3600)

    private var sweptAt: ContinuousClock.Instant?
    private var tidiedAt: ContinuousClock.Instant?
    private var startedAt: ContinuousClock.Instant?

    /// What the look at `now` is to cover.
    mutating func next(at now: ContinuousClock.Instant) -> Reach {
        if startedAt.map({ now - $0 >= Self.everythingEvery }) ?? true {
            (startedAt, tidiedAt, sweptAt) = (now, now, now)
            return .everything
        }
        if tidiedAt.map({ now - $0 >= Self.tidyEvery }) ?? true {
            (tidiedAt, sweptAt) = (now, now)
            return .tidySweep
        }
        if sweptAt.map({ now - $0 >= Self.sweepEvery }) ?? true {
            sweptAt = now
            return .sweep
        }
        return .floors
    }
}
