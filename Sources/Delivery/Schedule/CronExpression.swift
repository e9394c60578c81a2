/// When a schedule fires: the five fields of crontab(5), minute, hour, day of month, month, day of week.
///
/// A field has numbers, names (`JAN`, `MON`), `*`, ranges, lists and steps; `@hourly`, `@daily`, `@midnight`, `@weekly`,
/// `@monthly`, `@yearly` and `@annually` stand for five fields. As there, a day matches when either of the two day
/// fields does, or both when one begins with `*`; 7 is Sunday too. What could never come (30 February) is refused.
///
/// When clocks change, an expression that names hours fires once for each of them a day. It fires at the first of two
/// times that look alike. When its time is left out, it fires at the change, and times that meet there are one. One for
/// every hour fires by the time that passes.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The five fields in upper case with single spaces. Reads as the same expression.
    public let description: String
    private let minute, hour, day, month, weekday: CronField

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
    public func next(after instant: Instant, on clock: WallClock) -> Instant? {
        let start = Int(instant.microseconds).floorDivided(by: 1_000_000)
        let end = start + 41 * 366 * WallClock.day
        // A clock is asked about times a few days around.
        let limits = (Int(Int64.min) / 1_000_000 + 4 * WallClock.day)...(Int(Int64.max) / 1_000_000 - 4 * WallClock.day)
        guard limits.contains(start), limits.contains(end) else { return nil }
        let utc = hour.values.count == 24 ? nextMinute(start, end, clock) : nextNamed(start, end, clock)
        return utc.map { Instant(microseconds: Int64($0) * 1_000_000) }
    }

    /// Day by day, the times that are named.
    private func nextNamed(_ start: Int, _ end: Int, _ clock: WallClock) -> Int? {
        let first = clock.shown(utc: start).floorDivided(by: WallClock.day)
        for number in first...(end.floorDivided(by: WallClock.day)) where matches(dayNumber: number) {
            for hour in hour.values {
                for minute in minute.values {
                    let utc = clock.utc(shown: number * WallClock.day + hour * 3_600 + minute * 60)
                    if utc > start { return utc }
                }
            }
        }
        return nil
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
