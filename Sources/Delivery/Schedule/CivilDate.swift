/// A day of the Gregorian calendar, wherever that is.
///
/// The conversions are Howard Hinnant's `civil_from_days` and `days_from_civil` (https://howardhinnant.github.io/date_algorithms.html), right for
/// every year an `Instant` can have.
public struct CivilDate: Sendable, Hashable {
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// A day that its month does not have counts on into the next month.
    public init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// - Parameter days: Whole days since 1970-01-01, negative before it.
    public init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468  // Days since 0000-03-01: a leap day comes last in its year.
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Whole days since 1970-01-01, negative before it.
    public var daysSinceEpoch: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let leapDays =
            yearFromMarch.floorDivided(by: 4) - yearFromMarch.floorDivided(by: 100)
            + yearFromMarch.floorDivided(by: 400)
        return yearFromMarch * 365 + leapDays + dayOfYear - 719_468
    }
}

extension Int {
    /// Rounded towards the past, for times before 1970 too.
    func floorDivided(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }

    /// 0 to `divisor` - 1.
    func floorRemainder(by divisor: Int) -> Int {
        self - floorDivided(by: divisor) * divisor
    }
}
