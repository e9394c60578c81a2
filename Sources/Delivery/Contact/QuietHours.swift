/// Hours in which nothing of a category begins by phone, by the clock where the person lives.
///
/// They begin at a minute of a weekday. Where they end at or before that minute, they end on the next day.
public struct QuietHours: Sendable, Hashable {
    /// What a timeline calls them.
    public var name: String
    /// Whom they bind: `*` is everybody, `US` a country, `US-FL` a state.
    public var jurisdiction: String
    public var category: Category
    /// ISO weekdays on which they begin; 1 is Monday.
    public var days: Set<Int>
    /// Minutes of a day, 0 to 1,440.
    public var begins: Int
    public var ends: Int

    public init(
        name: String, jurisdiction: String, category: Category = .marketing, days: Set<Int> = Set(1...7),
        begins: Int, ends: Int
    ) {
        self.name = name
        self.jurisdiction = jurisdiction
        self.category = category
        self.days = days
        self.begins = begins
        self.ends = ends
    }

    func binds(_ category: Category, in place: NumberPlace?) -> Bool {
        guard category == self.category else { return false }
        if jurisdiction == "*" { return true }
        guard let country = place?.country else { return false }
        return jurisdiction == country || place?.state.map { jurisdiction == "\(country)-\($0)" } ?? false
    }

    /// Whether they run when a clock on the wall shows this second since 1970.
    func isQuiet(shown: Int) -> Bool {
        let day = shown.floorDivided(by: Self.day)
        let second = shown - day * Self.day
        let (begins, ends) = (begins * 60, ends * 60)
        if begins < ends { return second >= begins && second < ends && days.contains(Self.weekday(day)) }
        return second >= begins && days.contains(Self.weekday(day))
            || second < ends && days.contains(Self.weekday(day - 1))
    }

    /// The next second, as the clock shows it, at which they may begin or end.
    func nextBorder(after shown: Int) -> Int {
        let midnight = shown.floorDivided(by: Self.day) * Self.day
        let borders = [midnight + begins * 60, midnight + ends * 60, midnight + Self.day]
        return borders.filter { $0 > shown }.min() ?? midnight + Self.day
    }

    /// 1970-01-01 was a Thursday.
    private static func weekday(_ day: Int) -> Int { (day + 3).floorRemainder(by: 7) + 1 }

    private static let day = 86_400
}

/// The quiet hours that bind one message, in every zone in which the person may be: it is quiet when it is in one of them.
struct QuietClock {
    let hours: [QuietHours]
    let zones: [ZoneRules]

    /// Hours of which several follow one another may leave no time for this long; then they are looked at again.
    private static let horizon = 15 * 86_400

    /// The hours that run at a second since 1970, and where; nil when none do.
    private func quiet(at second: Int) -> (hours: QuietHours, zone: ZoneRules)? {
        for zone in zones {
            let shown = second + zone.offset(atSecond: second)
            if let running = hours.first(where: { $0.isQuiet(shown: shown) }) { return (running, zone) }
        }
        return nil
    }

    /// Whether a message may begin.
    func isOpen(at second: Int) -> Bool { quiet(at: second) == nil }

    /// When none run any more, and which run now; nil when none do.
    func opening(after second: Int) -> (second: Int, name: String)? {
        guard var running = quiet(at: second) else { return nil }
        let name = running.hours.name
        var present = second
        while present - second < Self.horizon {
            let offset = running.zone.offset(atSecond: present)
            let border = running.hours.nextBorder(after: present + offset) - offset
            // A clock that is changed meanwhile shows something else.
            present = min(border, running.zone.nextChange(afterSecond: present) ?? border)
            guard let next = quiet(at: present) else { break }
            running = next
        }
        return (present, name)
    }
}
