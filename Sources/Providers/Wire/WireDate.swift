import Delivery

/// An instant as the providers write it: RFC 2822 in UTC (`Thu, 24 Aug 2023 05:01:45 +0000`), or HTTP's form of the
/// same, which ends in `GMT`.
struct WireDate {
    var instant: Instant

    /// Nil for anything but these two forms. The day's name is not checked against the date.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "+0000" || parts[5] == "GMT",
            let month = Self.months.firstIndex(of: String(parts[2])),
            let day = Self.number(parts[1], in: 1...31), let year = Self.number(parts[3], in: 1970...9999)
        else { return nil }
        let time = parts[4].split(separator: ":")
        guard time.count == 3, let hour = Self.number(time[0], in: 0...23),
            let minute = Self.number(time[1], in: 0...59),
            let second = Self.number(time[2], in: 0...60)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: Int64(month) + 1, day: day)
        instant = Instant(microseconds: (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func number(_ text: Substring, in range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), range.contains(number) else {
            return nil
        }
        return number
    }

    /// Counts from a year that starts in March, so that the leap day is its last one.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468
    }
}
