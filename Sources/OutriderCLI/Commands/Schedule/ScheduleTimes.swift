import Delivery
import JobQueue
import Postgres

/// Finds the times of an expression here, with the rules of zones that PostgreSQL has: no worker is needed.
struct ScheduleTimes {
    private let zones: ZoneStore

    init(_ pool: PostgresPool) { zones = ZoneStore(pool) }

    /// The most that are told at once.
    static let most = 100_000
    /// Times found in one go: rules change on the way.
    private static let part = 1_000

    /// - Parameters:
    ///   - from: times from this one on.
    ///   - until: times before this one; nil is without an end.
    ///   - count: at most so many.
    func times(
        of schedule: Schedule, zone: String, from: Instant, until: Instant? = nil, atMost count: Int
    ) async throws -> [ScheduledTime] {
        var (times, after) = ([ScheduledTime](), from.advanced(by: .microseconds(-1)))
        while times.count < count, until.map({ after < $0 }) ?? true {
            let rules = try await rules(of: zone, at: after)
            let horizon = after.advanced(by: ZoneStore.reach)
            let found = schedule.upcoming(min(Self.part, count - times.count), after: after, on: rules.clock)
            let known = found.prefix { $0.nominal < horizon }
            let wanted = known.prefix { tick in until.map { tick.nominal < $0 } ?? true }
            times += wanted.map { ScheduledTime(tick: $0, offset: rules.offset(at: $0.nominal)) }
            // One that comes seldom is found again with the rules of its own years.
            guard let last = found.last, wanted.count == known.count else { break }
            after = known.count < found.count ? horizon.advanced(by: .microseconds(-1)) : last.nominal
        }
        return times
    }

    private func rules(of zone: String, at instant: Instant) async throws -> ZoneRules {
        guard let rules = try await zones.rules(of: zone, at: instant) else {
            throw Failure(
                "refused: time_zone_must_be_known. Write it as PostgreSQL knows it, for example Europe/Warsaw.",
                .refused)
        }
        return rules
    }
}

/// A time of a schedule, and what the clocks of its zone are ahead of UTC then.
struct ScheduledTime: Encodable {
    let tick: Tick
    let offset: Int

    /// Such as Mon 2026-11-30 09:00 +01:00.
    var local: String {
        let shown = Wall(tick.nominal, offset: offset)
        return "\(shown.weekday) \(shown.date) \(shown.clock.prefix(5)) \(Wall.text(ofOffset: offset))"
    }

    var nominal: String { Wall.utc(tick.nominal) }
    var fires: String { Wall.utc(tick.real) }

    private enum CodingKeys: String, CodingKey {
        case nominalUs, nominal, local, firesUs, fires
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let shown = Wall(tick.nominal, offset: offset)
        try container.encode(tick.nominal.microseconds, forKey: .nominalUs)
        try container.encode(Wall.iso(tick.nominal), forKey: .nominal)
        try container.encode("\(shown.date)T\(shown.clock)\(Wall.text(ofOffset: offset))", forKey: .local)
        guard tick.real != tick.nominal else { return }
        try container.encode(tick.real.microseconds, forKey: .firesUs)
        try container.encode(Wall.iso(tick.real), forKey: .fires)
    }
}

/// What the clock on a wall shows at an instant, to the second.
struct Wall {
    let date, clock, weekday: String

    init(_ instant: Instant, offset: Int) {
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
    static func utc(_ instant: Instant) -> String {
        let shown = Wall(instant, offset: 0)
        return "\(shown.date) \(shown.clock)"
    }

    /// Such as 2026-11-30T08:00:00Z.
    static func iso(_ instant: Instant) -> String {
        let shown = Wall(instant, offset: 0)
        return "\(shown.date)T\(shown.clock)Z"
    }

    /// Such as +01:00; with seconds where a zone had some.
    static func text(ofOffset offset: Int) -> String {
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
