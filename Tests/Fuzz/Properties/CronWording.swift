import Foundation

/// A cron expression read once more, in other words: by regular expressions, with every value in a set, and the calendar
/// of Foundation.
struct CronWording {
    private let fields: [Set<Int>]
    private let isStar: [Bool]

    /// Nil when it is not what crontab(5) describes.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        guard words.count == 5, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        isStar = words.map { $0.hasPrefix("*") }
        var fields: [Set<Int>] = []
        for (word, range) in zip(words, ranges) {
            guard let values = Self.values(String(word), range) else { return nil }
            fields.append(values)
        }
        self.fields = fields
    }

    /// It fires in every hour.
    var isHourly: Bool { fields[1].count == 24 }

    /// Whether a clock that shows so many seconds since 1970 shows what the fields say.
    func has(_ shown: Int) -> Bool {
        let minutes = Int((Double(shown) / 60).rounded(.down))
        let minute = ((minutes % 1_440) + 1_440) % 1_440
        guard fields[0].contains(minute % 60), fields[1].contains(minute / 60) else { return false }
        let date = Self.calendar.dateComponents(
            [.day, .month, .weekday], from: Date(timeIntervalSince1970: Double(shown)))
        guard fields[3].contains(date.month ?? 0) else { return false }
        let days = (fields[2].contains(date.day ?? 0), fields[4].contains((date.weekday ?? 0) - 1))
        return isStar[2] || isStar[4] ? days.0 && days.1 : days.0 || days.1
    }

    private static let calendar = {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        return calendar
    }()

    private static func values(_ word: String, _ range: ClosedRange<Int>) -> Set<Int>? {
        var values: Set<Int> = []
        for item in word.components(separatedBy: ",") {
            guard let match = item.wholeMatch(of: /(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?/)?.output else { return nil }
            guard let first = match.2.map({ number($0, range) }) ?? range.lowerBound,
                var last = match.3.map({ number($0, range) }) ?? (match.2 == nil ? range.upperBound : first),
                let step = match.4.map({ Int($0) }) ?? 1
            else { return nil }
            if range == 0...6, match.3 != nil, last == 0, first > 0 { last = 7 }
            let isPlain = match.4 == nil || match.2 == nil || match.3 != nil
            guard isPlain, first <= last, first >= range.lowerBound, step >= 1, step <= last - first + 1 else {
                return nil
            }
            guard last <= (range == 0...6 ? 7 : range.upperBound) else { return nil }
            values.formUnion(stride(from: first, through: last, by: step).map { range == 0...6 ? $0 % 7 : $0 })
        }
        return values
    }

    /// A number, or a name of a month or a day of the week.
    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        switch range {
        case 1...12: months[String(text)] ?? Int(text)
        case 0...6: weekdays[String(text)] ?? Int(text)
        default: Int(text)
        }
    }

    private static let months = [
        "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11,
        "DEC": 12,
    ]
    private static let weekdays = ["SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6]
}
