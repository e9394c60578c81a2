/// An instant as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the one form that may still be sent).
struct HTTPDate: Equatable {
    var secondsSinceEpoch: Int64

    /// Reads the fixed form; nil for anything else. The day name is not checked against the date.
    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT" else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let month = HTTPDate.months.firstIndex(of: String(parts[2])),
            let day = HTTPDate.number(parts[1], digits: 2, in: 1...31),
            let year = HTTPDate.number(parts[3], digits: 4, in: 1970...9999),
            let hour = HTTPDate.number(time[0], digits: 2, in: 0...23),
            let minute = HTTPDate.number(time[1], digits: 2, in: 0...59),
            let second = HTTPDate.number(time[2], digits: 2, in: 0...60)
        else { return nil }
        let days = HTTPDate.daysSinceEpoch(year: year, month: Int64(month) + 1, day: day)
        secondsSinceEpoch = ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring, digits: Int, in range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int64(text),
            range.contains(value)
        else { return nil }
        return value
    }

    /// Counts from a year that starts in March, so that the leap day is its last one.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468
    }
}
