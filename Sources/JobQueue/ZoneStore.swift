public import Delivery
public import Postgres
import Schema
import Synchronization

/// The rules of time zones as PostgreSQL has them, so that what it shows and what fires agree.
public final class ZoneStore: Sendable {
    private struct Kept {
        var rules: ZoneRules
        var span: Range<Instant>
        var readAt: ContinuousClock.Instant
    }

    /// A server may be given new rules while it runs.
    private static let freshness = Duration.seconds(3_600)
    private static let (past, future) = (Duration.seconds(86_400 * 30), Duration.seconds(86_400 * 1_500))
    /// From what is asked for, times up to so far ahead are right.
    public static let reach = Duration.seconds(86_400 * 1_395)

    private let pool: PostgresPool
    private let kept = Mutex<[String: Kept]>([:])

    public init(_ pool: PostgresPool) { self.pool = pool }

    /// - Returns: the rules from a month before `instant` to four years after; beyond, the offsets at those ends. Nil: the
    ///   database does not know the zone.
    public func rules(of zone: String, at instant: Instant) async throws(PostgresError) -> ZoneRules? {
        try await rules(of: zone, at: instant) { (parameters) async throws(PostgresError) in
            try await pool.fetch(.zoneChanges, parameters)
        }
    }

    func rules(
        of zone: String, at instant: Instant, in transaction: PostgresTransaction
    ) async throws(PostgresError) -> ZoneRules? {
        try await rules(of: zone, at: instant) { (parameters) async throws(PostgresError) in
            try await transaction.fetch(.zoneChanges, parameters)
        }
    }

    private func rules(
        of zone: String, at instant: Instant, _ fetch: ([Parameter]) async throws(PostgresError) -> [Row]
    ) async throws(PostgresError) -> ZoneRules? {
        let now = ContinuousClock.now
        let known = kept.withLock { $0[zone] }
        if let known, known.span.contains(instant), now - known.readAt < Self.freshness { return known.rules }
        let (from, until) = (instant.advanced(by: .zero - Self.past), instant.advanced(by: Self.future))
        var first: Int?
        var changes: [ZoneRules.Change] = []
        let seconds = [from, until].map { Parameter.int(Int($0.microseconds / 1_000_000)) }
        for row in try await fetch([.text(zone)] + seconds) {
            let offset = try row.int("utc_offset")
            if let at = try row.optionalInt("at") {
                changes.append(.init(at: at, offset: offset))
            } else {
                first = offset
            }
        }
        guard let first else { return nil }
        let rules = ZoneRules(first: first, changes: changes)
        // What is read for a backfill of long ago is not kept in place of what is needed each minute.
        let span = instant.advanced(by: .seconds(86_400 * -25))..<instant.advanced(by: .seconds(86_400 * 100))
        kept.withLock { zones in
            if known.map({ $0.span.lowerBound <= instant }) ?? true {
                zones[zone] = Kept(rules: rules, span: span, readAt: now)
            }
        }
        return rules
    }
}

extension Statement {
    static let zoneChanges = Schema.statement("zone_changes")
}
