import Delivery

/// An instant as the providers write it: RFC 2822 in UTC (`Thu, 24 Aug 2023 05:01:45 +0000`), or HTTP's form of the
/// same, which ends in `GMT`; or ISO 8601.
struct WireDate {
    var instant: Instant

    /// Nil for anything but these two forms. The day's name is not checked against the date.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "+0000" || parts[5] == "GMT",
            let month = Self.months.firstIndex(of: String(parts[2])),
            let day = Self.number(parts[1], in: 1...31), let year = Self.number(parts[3], in: 1970...9999)
        else { return nil }
        self.init(year: year, month: month + 1, day: day, time: parts[4])
    }

    /// HTTP's form alone (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    init?(http text: String) {
        guard text.utf8.count == 29, text.hasSuffix(" GMT") else { return nil }
        self.init(text)
    }

    /// Reads ISO 8601 in UTC, `2023-08-24T05:01:45Z`; a fraction of a second is passed over.
    init?(iso8601 text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].last == "Z" else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, let year = Self.number(date[0], in: 1970...9999),
            let month = Self.number(date[1], in: 1...12), let day = Self.number(date[2], in: 1...31)
        else { return nil }
        self.init(year: year, month: month, day: day, time: parts[1].dropLast().prefix { $0 != "." })
    }

    /// ISO 8601 in UTC and whole seconds, rounded down; years before 1970 count as 1970.
    static func iso8601(_ instant: Instant) -> String {
        let seconds = Int(max(0, instant.microseconds) / 1_000_000)
        let (date, time) = (CivilDate(daysSinceEpoch: seconds / 86_400), seconds % 86_400)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(time / 3_600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private init?(year: Int, month: Int, day: Int, time: Substring) {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = Self.number(parts[0], in: 0...23),
            let minute = Self.number(parts[1], in: 0...59), let second = Self.number(parts[2], in: 0...60)
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        instant = Instant(microseconds: Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text), range.contains(number) else {
            return nil
        }
        return number
    }
}
