/// When a schedule fires: the five fields of crontab(5), minute, hour, day of month, month, day of week.
///
/// A field has numbers, names (`JAN`, `MON`), `*`, ranges, lists and steps; `@hourly`, `@daily`, `@midnight`, `@weekly`,
/// `@monthly`, `@yearly` and `@annually` stand for five fields. As there, a day matches when either of the two day
/// fields does, or both when one begins with `*`; 7 is Sunday too. What could never come (30 February) is refused.
///
/// When clocks change, a `ClockChangeRule` says what an expression that names hours does. By the usual one it fires once for
/// each time it names: at the first of two that look alike, and when its time is left out, at the change; times that meet
/// there are one. An expression for every hour fires by the time that passes, whatever the rule.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The five fields in upper case with single spaces. Reads as the same expression.
    public let description: String
    let minute, hour, day, month, weekday: CronField

    /// - Throws: `CronError`, which says what to write instead.
    public init(_ text: String) throws(CronError) {
        guard text.utf8.count <= 256 else { throw CronError(.isNotTooLong, in: text) }
        // Beyond ASCII some letters have a name's letters as their capitals.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw CronError(.itemsAreValues, in: text) }
        let words = text.uppercased().split(whereSeparator: { $0 == " " || $0 == "\t" })
        let fields = try Self.fields(words, of: text)
        minute = try CronField(fields[0], .minute)
        hour = try CronField(fields[1], .hour)
        day = try CronField(fields[2], .day)
        month = try CronField(fields[3], .month)
        weekday = try CronField(fields[4], .weekday)
        description = fields.joined(separator: " ")
        guard isPossible else { throw CronError(.dayExists, .day, in: fields[2]) }
    }

    private static func fields(_ words: [Substring], of text: String) throws(CronError) -> [Substring] {
        guard words.count == 1, words[0].hasPrefix("@") else {
            guard words.count == 5 else { throw CronError(.hasFiveFields, in: text) }
            return words
        }
        switch words[0] {
        case "@HOURLY": return "0 * * * *".split(separator: " ")
        case "@DAILY", "@MIDNIGHT": return "0 0 * * *".split(separator: " ")
        case "@WEEKLY": return "0 0 * * 0".split(separator: " ")
        case "@MONTHLY": return "0 0 1 * *".split(separator: " ")
        case "@YEARLY", "@ANNUALLY": return "0 0 1 1 *".split(separator: " ")
        default: throw CronError(.nicknameIsKnown, in: text)
        }
    }

    /// A day of week comes in every month; a day of the month has to be one that a month has.
    private var isPossible: Bool {
        guard weekday.isStar, let first = day.values.first else { return true }
        return month.values.contains { first <= Self.longestMonths[$0 - 1] }
    }

    private static let longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// The first time after `instant` at which the schedule fires by `clock`, when that shows a whole minute or is set.
    ///
    /// Never nil for the times of people: every expression comes at least once in 40 years (29 February on one day of
    /// the week, across the year 2100). Nil where the range of `Instant` has less room than that, and four days.
    public func next(after instant: Instant, on clock: WallClock, _ rule: ClockChangeRule = .usual) -> Instant? {
        let start = Int(instant.microseconds).floorDivided(by: 1_000_000)
        let end = start + 41 * 366 * WallClock.day
        // A clock is asked about times a few days around.
        let limits = (Int(Int64.min) / 1_000_000 + 4 * WallClock.day)...(Int(Int64.max) / 1_000_000 - 4 * WallClock.day)
        guard limits.contains(start), limits.contains(end) else { return nil }
        let utc = isForEveryHour ? nextMinute(start, end, clock) : nextNamed(start, end, clock, rule)
        return utc.map { Instant(microseconds: Int64($0) * 1_000_000) }
    }

    var isForEveryHour: Bool { hour.values.count == 24 }

    /// Day by day, the times that are named.
    private func nextNamed(_ start: Int, _ end: Int, _ clock: WallClock, _ rule: ClockChangeRule) -> Int? {
        // A clock that is set back over midnight shows times of the day before after those of the day itself.
        let first = clock.shown(utc: start).floorDivided(by: WallClock.day) - 1
        let last = end.floorDivided(by: WallClock.day)
        for number in first...last where matches(dayNumber: number) {
            guard let utc = time(onDay: number, after: start, clock, rule) else { continue }
            let isFollowed = clock.isChanged(onDay: number) && matches(dayNumber: number + 1)
            let following = isFollowed ? time(onDay: number + 1, after: start, clock, rule) : nil
            return min(utc, following ?? utc)
        }
        return nil
    }

    /// The first time on a day of the clock that is after `start`.
    private func time(onDay number: Int, after start: Int, _ clock: WallClock, _ rule: ClockChangeRule) -> Int? {
        let midnight = number * WallClock.day
        let isChanged = clock.isChanged(onDay: number)
        let offset = clock.offset(utc: midnight)
        var earliest: Int?
        for hour in hour.values {
            for minute in minute.values {
                let shown = midnight + hour * 3_600 + minute * 60
                guard isChanged else {
                    if shown - offset > start { return shown - offset }
                    continue
                }
                for utc in clock.times(shown: shown, rule) where utc > start { earliest = min(utc, earliest ?? utc) }
            }
        }
        return earliest
    }

    /// Minute by minute on the days that match, and over those that do not.
    private func nextMinute(_ start: Int, _ end: Int, _ clock: WallClock) -> Int? {
        var utc = start
        while true {
            let offset = clock.offset(utc: utc)
            let dayNumber = (utc + offset).floorDivided(by: WallClock.day)
            let midnight = (dayNumber + 1) * WallClock.day - offset
            if !matches(dayNumber: dayNumber), clock.offset(utc: midnight) == offset {
                utc = midnight
            } else {
                utc += 60 - (utc + offset).floorRemainder(by: 60)
            }
            guard utc <= end else { return nil }
            let shown = clock.shown(utc: utc)
            let isDue = minute.contains(shown.floorRemainder(by: 3_600) / 60)
            if isDue, matches(dayNumber: shown.floorDivided(by: WallClock.day)) { return utc }
        }
    }

    private func matches(dayNumber: Int) -> Bool {
        let date = CivilDate(daysSinceEpoch: dayNumber)
        guard month.contains(date.month) else { return false }
        let isWeekday = weekday.contains((dayNumber + 4).floorRemainder(by: 7))  // 1970-01-01 was a Thursday.
        let isDay = day.contains(date.day)
        return day.isStar || weekday.isStar ? isDay && isWeekday : isDay || isWeekday
    }
}
