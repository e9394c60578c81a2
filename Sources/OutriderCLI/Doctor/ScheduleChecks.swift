import Delivery
import Foundation
import JobQueue
import Postgres
import Schema

/// Checks of schedules: which of them failed, and whether this host has the rules of time zones that they go by.
struct ScheduleChecks {
    let pool: PostgresPool

    /// Nothing where there is no schedule.
    func findings() async throws(PostgresError) -> [Finding] {
        var zones: [String] = []
        for row in try await pool.fetch(.doctorZones) { zones.append(try row.string("zone")) }
        guard !zones.isEmpty else { return [] }
        return try await troubles() + [comparison(of: zones)]
    }

    private func troubles() async throws(PostgresError) -> [Finding] {
        var findings: [Finding] = []
        for row in try await pool.fetch(.doctorSchedules) {
            let (tenant, name) = (try row.string("tenant"), try row.string("name"))
            let how = try row.bool("is_failure") ? "its last time failed" : "what a worker found cannot be kept"
            findings.append(
                .warning(
                    "schedule", "\(name) of \(tenant): \(how): \(try row.string("problem"))",
                    "Mend that, and see `outrider schedule show`; `outrider schedule backfill` fires what was missed."))
        }
        return findings.isEmpty ? [.fine("schedules", "none has failed at its last time")] : findings
    }

    /// Nothing of Outrider's goes by the host's rules; what else runs here does.
    private func comparison(of zones: [String]) async throws(PostgresError) -> Finding {
        let now = Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
        let store = ZoneStore(pool)
        var differing: [String] = []
        for zone in zones {
            guard let rules = try await store.rules(of: zone, at: now) else {
                differing.append("\(zone) (unknown to PostgreSQL)")
                continue
            }
            guard let host = TimeZone(identifier: zone) else {
                differing.append("\(zone) (unknown here)")
                continue
            }
            let difference = ZoneComparison.firstDifference(from: now, between: rules.offset) { instant in
                host.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.microseconds) / 1_000_000))
            }
            if let difference { differing.append("\(zone) from \(Wall.utc(difference)) UTC on") }
        }
        guard !differing.isEmpty else {
            return .fine("time zones", "this host has PostgreSQL's rules for the \(zones.count) that schedules go by")
        }
        return .warning(
            "time zones", "this host has other rules than PostgreSQL: \(differing.joined(separator: ", "))",
            "Schedules go by PostgreSQL's. Bring tzdata up to date here and on the database's host.")
    }
}

/// Whether two sources have the same rules of a time zone over the year to come.
enum ZoneComparison {
    private static let day = Duration.seconds(86_400)

    /// The first instant at which the two are not the same: looked at each day, and at the second of each change of either.
    static func firstDifference(
        from start: Instant, between one: (Instant) -> Int, and other: (Instant) -> Int
    ) -> Instant? {
        var before = start
        guard one(before) == other(before) else { return before }
        for _ in 1...366 {
            let after = before.advanced(by: day)
            let changes = [change(of: one, from: before, to: after), change(of: other, from: before, to: after)]
            if let first = (changes.compactMap(\.self) + [after]).sorted().first(where: { one($0) != other($0) }) {
                return first
            }
            before = after
        }
        return nil
    }

    /// The second at which the offset becomes another, if it does.
    private static func change(of offset: (Instant) -> Int, from start: Instant, to end: Instant) -> Instant? {
        let old = offset(start)
        guard offset(end) != old else { return nil }
        var (low, high) = (0, 86_400)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(start.advanced(by: .seconds(middle))) == old { low = middle } else { high = middle }
        }
        return start.advanced(by: .seconds(high))
    }
}

extension Statement {
    static let doctorSchedules = Schema.statement("doctor_schedules")
    static let doctorZones = Schema.statement("doctor_zones")
}
