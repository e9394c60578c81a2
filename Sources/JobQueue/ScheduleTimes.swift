public import Delivery
public import Postgres

/// Finds the times of an expression here, with the rules of zones that PostgreSQL has: no worker is needed.
public struct ScheduleTimes: Sendable {
    private let zones: ZoneStore

    public init(_ pool: PostgresPool) { zones = ZoneStore(pool) }

    /// Times found in one go: rules change on the way.
    private static let part = 1_000

    /// - Parameters:
    ///   - from: times from this one on.
    ///   - until: times before this one; nil is without an end.
    ///   - count: at most so many.
    /// - Returns: nil when the database does not know the zone.
    public func find(
        of schedule: Schedule, zone: String, from: Instant, until: Instant? = nil, atMost count: Int
    ) async throws(PostgresError) -> [ScheduledTime]? {
        var (times, after) = ([ScheduledTime](), from.advanced(by: .microseconds(-1)))
        while times.count < count, until.map({ after < $0 }) ?? true {
            guard let rules = try await zones.rules(of: zone, at: after) else { return nil }
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
}

/// A time of a schedule, and what the clocks of its zone are ahead of UTC then.
public struct ScheduledTime: Sendable {
    public let tick: Tick
    public let offset: Int

    /// Such as Mon 2026-11-30 09:00 +01:00.
    public var local: String {
        let shown = Wall(tick.nominal, offset: offset)
        return "\(shown.weekday) \(shown.date) \(shown.clock.prefix(5)) \(Wall.text(ofOffset: offset))"
    }

    /// In UTC.
    public var nominal: String { Wall.utc(tick.nominal) }
    public var fires: String { Wall.utc(tick.real) }
}
