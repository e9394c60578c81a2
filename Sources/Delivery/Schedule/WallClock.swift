/// What clocks on the wall show at a place: an offset from UTC that changes now and then.
///
/// It knows nothing of time zones: who has their rules gives the offset at an instant, such as
/// `TimeZone.secondsFromGMT(for:)`.
public struct WallClock: Sendable {
    private let utcOffset: @Sendable (Instant) -> Int

    /// - Parameter utcOffset: Seconds east of UTC at an instant; less than a day either way.
    public init(utcOffset: @escaping @Sendable (Instant) -> Int) {
        self.utcOffset = utcOffset
    }

    /// A clock that shows UTC.
    public static let utc = WallClock { _ in 0 }

    // Here and in `CronExpression` a time is in whole seconds since 1970-01-01 00:00:00, `utc` by UTC, `shown` by this
    // clock.

    func offset(utc: Int) -> Int {
        utcOffset(Instant(microseconds: Int64(utc) * 1_000_000))
    }

    func shown(utc: Int) -> Int {
        utc + offset(utc: utc)
    }

    /// The first time at which the clock shows `shown`; when a change of the clock leaves that out, the time of the
    /// change.
    func utc(shown: Int) -> Int {
        // A day before and after, one change at most is near: one of the two offsets holds, or none in the hour left out.
        let offsets = (offset(utc: shown - Self.day), offset(utc: shown + Self.day))
        let (earlier, later) = (shown - max(offsets.0, offsets.1), shown - min(offsets.0, offsets.1))
        if self.shown(utc: earlier) == shown { return earlier }
        if self.shown(utc: later) == shown { return later }
        var (before, after) = (shown - 2 * Self.day, shown + 2 * Self.day)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if self.shown(utc: middle) < shown { before = middle } else { after = middle }
        }
        return after
    }

    static let day = 86_400
}
