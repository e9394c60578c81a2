public import Delivery
public import Postgres
import Schema

/// A schedule whose time has come, as a look finds it.
public struct DueSchedule: Sendable {
    public var id: Int
    /// Nil: this version cannot read its expression.
    public var schedule: Schedule?
    /// The rules of its zone around now. Nil: the database does not know the zone.
    public var zone: ZoneRules?
    /// Every time up to this one is decided.
    public var decidedUntil: Instant
    /// The database's clock.
    public var present: Instant

    public init(id: Int, schedule: Schedule?, zone: ZoneRules?, decidedUntil: Instant, present: Instant) {
        self.id = id
        self.schedule = schedule
        self.zone = zone
        self.decidedUntil = decidedUntil
        self.present = present
    }
}

extension DueSchedule {
    /// The next times that are kept for people to see.
    private static let shown = 25
    /// So long after a look there is another whatever is due: the rules of a zone may have changed.
    private static let longest = Duration.seconds(86_400)

    /// Why nothing can be decided of it; nil when all is well.
    public var problem: String? {
        if schedule == nil { return "this version cannot read its expression" }
        return zone == nil ? "the database does not know its time zone" : nil
    }

    /// What is to be done of it now; nil when it has a problem.
    public var advance: ScheduleAdvance? {
        guard let schedule, let clock = zone?.clock else { return nil }
        let plan = schedule.plan(after: decidedUntil, now: present, on: clock)
        return ScheduleAdvance(
            id: id, plan: plan, dueAt: plan.next.map { min($0.real, present.advanced(by: Self.longest)) },
            upcoming: schedule.upcoming(Self.shown, after: max(plan.decidedUntil, present), on: clock)
                .filter { $0.nominal < min(decidedUntil, present).advanced(by: ZoneStore.reach) },
            words: schedule.cron.words)
    }
}

/// What a look at one schedule came to.
public struct ScheduleAdvance: Sendable {
    public var id: Int
    public var plan: SchedulePlan
    /// When to look again; nil: it has no time any more.
    public var dueAt: Instant?
    /// The next times, for people to see.
    public var upcoming: [Tick]
    /// The expression as a person would say it.
    public var words: String

    public init(id: Int, plan: SchedulePlan, dueAt: Instant?, upcoming: [Tick], words: String) {
        self.id = id
        self.plan = plan
        self.dueAt = dueAt
        self.upcoming = upcoming
        self.words = words
    }
}

/// What became of a time that came.
public struct Firing: Sendable, Hashable {
    public enum Outcome: String, Sendable, CaseIterable {
        case fired, waiting, skipped, failed
    }

    public var schedule: Int
    public var nominal: Instant
    public var outcome: Outcome
    public var reason: String

    public init(schedule: Int, nominal: Instant, outcome: Outcome, reason: String = "") {
        self.schedule = schedule
        self.nominal = nominal
        self.outcome = outcome
        self.reason = reason
    }
}

/// Where schedules are kept and fire: the real one is `ScheduleStore`, a simulation has its own.
///
/// All of it may be done by any worker, at any time, and by several at once: a time has one row, and who inserts it fires.
public protocol FireStore: Sendable {
    /// Takes schedules whose time has come, asks what to do, and does it, in one transaction.
    /// - Parameter decide: must not wait for anything. Those that it leaves out stay as they are.
    func advance(
        atMost count: Int, _ decide: @Sendable ([DueSchedule]) -> [ScheduleAdvance]
    ) async throws(StoreError) -> [Firing]

    /// Looks at a schedule again later, since what a look came to could not be kept.
    func putOff(_ schedule: Int, by pause: Duration, because problem: String) async throws(StoreError)
}

/// Schedules in PostgreSQL.
public final class ScheduleStore: FireStore {
    private let pool: PostgresPool
    private let zones: ZoneStore

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(_ pool: PostgresPool) {
        self.pool = pool
        zones = ZoneStore(pool)
    }

    public func advance(
        atMost count: Int, _ decide: @Sendable ([DueSchedule]) -> [ScheduleAdvance]
    ) async throws(StoreError) -> [Firing] {
        do throws(PostgresError) {
            let zones = zones
            return try await pool.transaction { (transaction) async throws(PostgresError) -> [Firing] in
                var due: [DueSchedule] = []
                for row in try await transaction.fetch(.dueSchedules, [.int(count)]) {
                    let present = Instant(microseconds: Int64(try row.int("present")))
                    let decided = Instant(microseconds: Int64(try row.int("decided_until")))
                    // After a long outage the first times are of long ago.
                    let rules = try await zones.rules(
                        of: try row.string("time_zone"), at: min(decided, present), in: transaction)
                    due.append(
                        DueSchedule(
                            id: try row.int("id"), schedule: try Schedule(row), zone: rules, decidedUntil: decided,
                            present: present))
                }
                let advances = due.isEmpty ? [] : decide(due)
                guard !advances.isEmpty else { return [] }
                var firings: [Firing] = []
                for row in try await transaction.fetch(.advanceSchedules, [.text(advances.json)]) {
                    firings.append(try Firing(row))
                }
                return firings
            }
        } catch {
            throw .database(error)
        }
    }

    public func putOff(_ schedule: Int, by pause: Duration, because problem: String) async throws(StoreError) {
        do throws(PostgresError) {
            let seconds = Double(pause.components.seconds)
            _ = try await pool.fetch(.putOffSchedule, [.int(schedule), .double(seconds), .text(problem)])
        } catch {
            throw .database(error)
        }
    }

    /// Fires the times that waited for what their schedule had made before.
    public func fireWaiting() async throws(PostgresError) {
        _ = try await pool.fetch(.fireWaitingSchedules)
    }

    /// Deletes what is old of times that did not fire, a part of it.
    public func forget() async throws(PostgresError) {
        _ = try await pool.fetch(.forgetFires)
    }

    /// Works on one backfill, if there is one: fires some of its times.
    /// - Returns: whether there may be more to do at once.
    public func backfill() async throws(PostgresError) -> Bool {
        let zones = zones
        return try await pool.transaction { (transaction) async throws(PostgresError) -> Bool in
            guard let row = try await transaction.fetch(.dueBackfill).first else { return false }
            let after = Instant(microseconds: Int64(try row.int("next_after")))
            let until = Instant(microseconds: Int64(try row.int("until_at")))
            let rules = try await zones.rules(of: try row.string("time_zone"), at: after, in: transaction)
            let schedule = try Schedule(row)
            let ticks = rules.flatMap { schedule?.upcoming(Self.backfillPart, after: after, on: $0.clock) } ?? []
            let passed = ticks.filter { $0.nominal <= until }
            let isOver = passed.count < Self.backfillPart
            _ = try await transaction.fetch(
                .advanceBackfill,
                [
                    .int(try row.int("backfill_id")), .text(passed.json),
                    isOver ? .null : .int(Int(passed.last?.nominal.microseconds ?? until.microseconds)),
                ])
            return true
        }
    }

    /// Times that fire in one transaction.
    private static let backfillPart = 20
}

extension Schedule {
    /// Nil when this version cannot read the expression.
    fileprivate init?(_ row: Row) throws(PostgresError) {
        let (id, text) = (try row.int("id"), try row.string("cron"))
        guard let cron = try? CronExpression(text) else { return nil }
        self.init(id: id, cron: cron)
        clockChange = ClockChangeRule(
            gap: .init(rawValue: try row.string("on_gap")) ?? .atChange,
            overlap: .init(rawValue: try row.string("on_overlap")) ?? .first)
        jitter = .seconds(try row.double("jitter"))
        endsAt = try row.optionalInt("ends_at").map { Instant(microseconds: Int64($0)) }
        guard row.columns.contains("missed") else { return }  // Of a backfill.
        switch try row.string("missed") {
        case "skip": missed = .skip
        case "all": missed = .all(limit: try row.int("missed_limit"))
        default: missed = .latest
        }
        catchUp = try row.optionalDouble("catch_up").map { .seconds($0) }
        isPaused = try row.bool("is_paused")
        resumedAt = try row.optionalInt("resumed_at").map { Instant(microseconds: Int64($0)) }
        adoptedAt = try row.optionalInt("adopted_at").map { Instant(microseconds: Int64($0)) }
    }
}

extension Firing {
    fileprivate init(_ row: Row) throws(PostgresError) {
        schedule = try row.int("schedule_id")
        nominal = Instant(microseconds: Int64(try row.int("nominal")))
        outcome = Outcome(rawValue: try row.string("outcome")) ?? .failed
        reason = try row.string("reason")
    }
}

// MARK: As JSON

extension Instant {
    fileprivate var json: JSON { .number(String(microseconds)) }
}

extension Tick {
    fileprivate var members: [JSON.Member] {
        [.init(name: "nominal", value: nominal.json), .init(name: "real", value: real.json)]
    }
}

extension [Tick] {
    fileprivate var json: String {
        String(decoding: JSON.array(map { .object($0.members) }).encoded, as: UTF8.self)
    }
}

extension [ScheduleAdvance] {
    fileprivate var json: String {
        String(decoding: JSON.array(map(\.json)).encoded, as: UTF8.self)
    }
}

extension ScheduleAdvance {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init(name: "id", value: .integer(id)),
            .init(
                name: "ticks",
                value: .array(
                    plan.decisions.map { decision in
                        let skip = decision.skip.map { [JSON.Member(name: "skip", value: .string($0.rawValue))] } ?? []
                        return .object(decision.tick.members + skip)
                    })),
            .init(name: "decided", value: plan.decidedUntil.json),
            .init(name: "upcoming", value: .array(upcoming.map(\.nominal.json))),
            .init(name: "real", value: .array(upcoming.map(\.real.json))),
            .init(name: "words", value: .string(words)),
        ]
        if let next = plan.next { members.append(.init(name: "next", value: next.nominal.json)) }
        if let dueAt { members.append(.init(name: "due", value: dueAt.json)) }
        return .object(members)
    }
}

extension Statement {
    static let dueSchedules = Schema.statement("due_schedules")
    static let advanceSchedules = Schema.statement("advance_schedules")
    static let putOffSchedule = Schema.statement("put_off_schedule")
    static let fireWaitingSchedules = Schema.statement("fire_waiting_schedules")
    static let forgetFires = Schema.statement("forget_fires")
    static let dueBackfill = Schema.statement("due_backfill")
    static let advanceBackfill = Schema.statement("advance_backfill")
}
