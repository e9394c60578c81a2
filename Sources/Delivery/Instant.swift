/// A point in time: whole microseconds since 1970-01-01 00:00:00 UTC, the resolution PostgreSQL keeps.
///
/// It is a value, not a clock: only the database says what time it is, and every function that needs the time takes an
/// `Instant`. Arithmetic saturates at the ends of the range (about ±292,000 years), so no input can trap.
public struct Instant: Sendable, Hashable {
    /// Microseconds since the Unix epoch; negative before it.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// This instant moved by `duration`, which is rounded towards the past to whole microseconds.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        guard overflow else { return Instant(microseconds: sum) }
        return Instant(microseconds: duration < .zero ? .min : .max)
    }

    /// The time from this instant to `other`: negative when `other` is earlier.
    public func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.microseconds.subtractingReportingOverflow(microseconds)
        guard overflow else { return .microseconds(difference) }
        return .microseconds(other < self ? Int64.min : Int64.max)
    }
}

extension Instant: Comparable {
    public static func < (earlier: Instant, later: Instant) -> Bool {
        earlier.microseconds < later.microseconds
    }
}

extension Instant: CustomStringConvertible {
    /// The count with its unit, for test failures; people read times formatted by the database.
    public var description: String { "\(microseconds) µs" }
}

extension Duration {
    /// Whole microseconds, rounded down (towards the past for a negative duration), saturated to the range of `Int64`.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let fraction = attoseconds / 1_000_000_000_000
        let isCut = attoseconds < 0 && attoseconds % 1_000_000_000_000 != 0
        let (scaled, scaledOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(isCut ? fraction - 1 : fraction)
        guard scaledOverflow || sumOverflow else { return sum }
        return self < .zero ? .min : .max
    }
}
