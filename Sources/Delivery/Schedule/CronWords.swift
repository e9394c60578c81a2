extension CronExpression {
    /// The expression as a person would say it, such as "Weekdays at 8:00 and 9:00".
    public var words: String {
        let days = dayWords + monthWords
        let times = timeWords
        if days == "Every day", isForEveryHour || !times.hasPrefix("at") { return times.capitalizedFirst }
        return "\(days) \(times)"
    }

    /// So many times of a day are told one by one.
    private static let few = 6

    private var timeWords: String {
        let (hours, minutes) = (hour.values, minute.values)
        if isForEveryHour { return everyHourWords }
        if hours.count * minutes.count <= Self.few {
            return "at " + Self.list(hours.flatMap { hour in minutes.map { "\(hour):\(Self.padded($0))" } })
        }
        let span = Self.ranges(hours).map { "\($0[0]):00 to \($0[$0.count - 1]):59" }
        return "\(everyHourWords) from \(Self.list(span))"
    }

    /// What happens in each hour.
    private var everyHourWords: String {
        let minutes = minute.values
        if minutes.count == 60 { return "every minute" }
        if minutes == [0] { return "every hour" }
        if let step = Self.step(minutes), step.first == 0, 60 % step.by == 0 { return "every \(step.by) minutes" }
        guard minutes.count > Self.few, let range = Self.ranges(minutes).first, range.count == minutes.count else {
            return "at \(Self.list(minutes.map(String.init))) minutes past each hour"
        }
        return "every minute from \(range[0]) to \(range[range.count - 1]) past each hour"
    }

    private var dayWords: String {
        switch (day.values.count == 31, weekday.values.count == 7) {
        case (true, true): "Every day"
        case (true, false): weekdayWords
        case (false, true): "On the \(Self.list(day.values.map(Self.ordinal)))"
        // Both are restricted: one that begins with a star restricts the other, else either is enough.
        case (false, false) where day.isStar || weekday.isStar:
            "\(weekdayWords) that are the \(Self.list(day.values.map(Self.ordinal)))"
        case (false, false): "On the \(Self.list(day.values.map(Self.ordinal))) and \(weekdayWords.loweredFirst)"
        }
    }

    private static let weekdays = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private var weekdayWords: String {
        switch weekday.values {
        case [1, 2, 3, 4, 5]: return "Weekdays"
        case [0, 6]: return "Weekends"
        default:
            // The week begins on Monday, as in most places that write hours to 24.
            let days = weekday.values.sorted { ($0 + 6) % 7 < ($1 + 6) % 7 }
            return Self.list(days.map { Self.weekdays[$0] })
        }
    }

    private var monthWords: String {
        month.values.count == 12 ? "" : " in \(Self.list(month.values.map { Self.months[$0 - 1] }))"
    }

    private static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return "\(items.dropLast().joined(separator: ", ")) and \(last)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (1, let rest) where rest != 11: "\(number)st"
        case (2, let rest) where rest != 12: "\(number)nd"
        case (3, let rest) where rest != 13: "\(number)rd"
        default: "\(number)th"
        }
    }

    /// Runs of numbers that follow each other.
    private static func ranges(_ values: [Int]) -> [[Int]] {
        values.reduce(into: []) { ranges, value in
            if let last = ranges.last?.last, last + 1 == value {
                ranges[ranges.count - 1].append(value)
            } else {
                ranges.append([value])
            }
        }
    }

    private static func step(_ values: [Int]) -> (first: Int, by: Int)? {
        guard values.count > 1 else { return nil }
        let by = values[1] - values[0]
        let isEven = zip(values, values.dropFirst()).allSatisfy { $1 - $0 == by }
        // Up to the end of the hour.
        return isEven && by > 1 && values[values.count - 1] + by >= 60 ? (values[0], by) : nil
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
    fileprivate var loweredFirst: String {
        // A day of the week keeps its capital.
        hasPrefix("Week") ? prefix(1).lowercased() + dropFirst() : self
    }
}
