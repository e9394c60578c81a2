/// A whole second from 1970 to 9999, written as providers do: what their readers have to read back.
struct WireTime {
    let secondsSinceEpoch: Int64

    /// Any number: what is outside is folded in.
    init(_ number: Int64) {
        secondsSinceEpoch = (number % Self.end + Self.end) % Self.end
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    var http: String { "\(day) \(time) GMT" }
    /// `Sun, 06 Nov 1994 08:49:37 +0000`.
    var rfc2822: String { "\(day) \(time) +0000" }
    /// `1994-11-06T08:49:37Z`.
    var iso8601: String { "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T\(time)Z" }

    /// The first second of the year 10000.
    private static let end: Int64 = 253_402_300_800
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var days: Int64 { secondsSinceEpoch / 86_400 }

    private var day: String {
        let name = Self.weekdays[Int(days % 7)]
        return "\(name), \(padded(date.day)) \(Self.months[Int(date.month) - 1]) \(padded(date.year, 4))"
    }

    private var time: String {
        let second = secondsSinceEpoch % 86_400
        return "\(padded(second / 3_600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
    }

    /// Cuts off eras of 400 years, whose years begin in March.
    private var date: (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (
            era * 400 + year + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    private func padded(_ number: Int64, _ digits: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
