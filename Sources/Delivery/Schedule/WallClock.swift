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

    /// Whether its offset is another after a day of the clock than before it.
    func isChanged(onDay number: Int) -> Bool {
        offset(utc: (number - 1) * Self.day) != offset(utc: (number + 2) * Self.day)
    }

    /// When the clock shows `shown`: once, twice after it was set back, or never when it was set forward over it.
    func times(shown: Int, _ rule: ClockChangeRule) -> [Int] {
        // A day before and after, one change at most is near: one of the two offsets holds, or none in the time left out.
        let offsets = (offset(utc: shown - Self.day), offset(utc: shown + Self.day))
        let (earlier, later) = (shown - max(offsets.0, offsets.1), shown - min(offsets.0, offsets.1))
        switch (self.shown(utc: earlier) == shown, self.shown(utc: later) == shown) {
        case (true, true) where earlier != later:
            switch rule.overlap {
            case .first: return [earlier]
            case .second: return [later]
            case .both: return [earlier, later]
            }
        case (true, _): return [earlier]
        case (false, true): return [later]
        case (false, false): return rule.gap == .skip ? [] : [change(around: shown)]
        }
    }

    /// The first second at which the clock shows `shown` or more.
    private func change(around shown: Int) -> Int {
        var (before, after) = (shown - 2 * Self.day, shown + 2 * Self.day)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if self.shown(utc: middle) < shown { before = middle } else { after = middle }
        }
        return after
    }

    static let day = 86_400
}

/// What an expression that names hours does when clocks change.
public struct ClockChangeRule: Sendable, Hashable {
    /// Its time is left out.
    public enum Gap: String, Sendable, CaseIterable {
        /// It fires when the clock is set forward.
        case atChange = "at_change"
        case skip
    }

    /// The clock shows its time twice.
    public enum Overlap: String, Sendable, CaseIterable {
        case first, second, both
    }

    public var gap: Gap
    public var overlap: Overlap

    public init(gap: Gap = .atChange, overlap: Overlap = .first) {
        self.gap = gap
        self.overlap = overlap
    }

    /// Once for each time that is named.
    public static let usual = ClockChangeRule()
}

/// The offsets of one time zone as its rules say: between two changes the offset is the same.
public struct ZoneRules: Sendable, Hashable {
    /// When it changes, in seconds since 1970, in order, and the offset from then on, in seconds east of UTC.
    private let changes: [Change]
    private let first: Int

    public struct Change: Sendable, Hashable {
        public var at: Int
        public var offset: Int

        public init(at: Int, offset: Int) {
            self.at = at
            self.offset = offset
        }
    }

    /// - Parameter first: the offset before the first change.
    public init(first: Int, changes: [Change]) {
        self.first = first
        self.changes = changes.sorted { $0.at < $1.at }
    }

    public static let utc = ZoneRules(first: 0, changes: [])

    public func offset(at instant: Instant) -> Int {
        offset(atSecond: Int(instant.microseconds).floorDivided(by: 1_000_000))
    }

    func offset(atSecond second: Int) -> Int {
        let passed = changesPassed(at: second)
        return passed == 0 ? first : changes[passed - 1].offset
    }

    /// When the offset becomes another next; nil when it stays.
    func nextChange(afterSecond second: Int) -> Int? {
        let passed = changesPassed(at: second)
        return passed < changes.count ? changes[passed].at : nil
    }

    private func changesPassed(at second: Int) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    public var clock: WallClock { WallClock(utcOffset: offset(at:)) }
}
