/// What the clock on a wall shows at an instant, to the second.
public struct Wall: Sendable {
    public let date, clock, weekday: String

    public init(_ instant: Instant, offset: Int) {
        let part = Self.remainder(Int(instant.microseconds), 1_000_000)
        let second = (Int(instant.microseconds) - part) / 1_000_000 + offset
        let ofDay = Self.remainder(second, 86_400)
        let days = (second - ofDay) / 86_400
        let day = CivilDate(daysSinceEpoch: days)
        date = "\(Self.padded(day.year, 4))-\(Self.padded(day.month))-\(Self.padded(day.day))"
        clock = "\(Self.padded(ofDay / 3_600)):\(Self.padded(ofDay / 60 % 60)):\(Self.padded(ofDay % 60))"
        weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Self.remainder(days, 7)]
    }

    /// Such as 2026-11-30 08:00:00.
    public static func utc(_ instant: Instant) -> String {
        let shown = Wall(instant, offset: 0)
        return "\(shown.date) \(shown.clock)"
    }

    /// Such as 2026-11-30T08:00:00Z.
    public static func iso(_ instant: Instant) -> String {
        let shown = Wall(instant, offset: 0)
        return "\(shown.date)T\(shown.clock)Z"
    }

    /// Such as +01:00; with seconds where a zone had some.
    public static func text(ofOffset offset: Int) -> String {
        let (sign, size) = (offset < 0 ? "-" : "+", abs(offset))
        let seconds = size % 60 == 0 ? "" : ":\(padded(size % 60))"
        return "\(sign)\(padded(size / 3_600)):\(padded(size / 60 % 60))\(seconds)"
    }

    /// From 0 on, also of a time before 1970.
    private static func remainder(_ number: Int, _ divisor: Int) -> Int { (number % divisor + divisor) % divisor }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
