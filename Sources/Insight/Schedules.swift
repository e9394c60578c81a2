public import Delivery
public import Postgres
import Schema

/// Schedules as people see and steer them: each call is a function of the schema, which keeps who made it and why.
public struct Schedules: Sendable {
    private let fetch: @Sendable (Statement, [Parameter]) async throws(PostgresError) -> [Row]

    public init(_ database: PostgresPool) {
        fetch = { statement, parameters throws(PostgresError) in try await database.fetch(statement, parameters) }
    }

    /// All calls are parts of one transaction.
    public init(in transaction: PostgresTransaction) {
        fetch = { statement, parameters throws(PostgresError) in try await transaction.fetch(statement, parameters) }
    }

    /// - Returns: the id.
    public func create(_ schedule: NewSchedule, reason: String?) async throws(PostgresError) -> Int {
        try await fetch(.createSchedule, schedule.parameters(reason: reason))[0].int("id")
    }

    public func drop(_ name: ScheduleName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.dropSchedule, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func pause(_ name: ScheduleName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.pauseSchedule, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func resume(_ name: ScheduleName) async throws(PostgresError) -> String {
        try await answer(.resumeSchedule, [.text(name.name), .text(name.tenant)])
    }

    /// - Parameter tag: those with it; all of the tenant when nil.
    /// - Returns: how many.
    public func pauseAll(tag: String?, tenant: String?, reason: String?) async throws(PostgresError) -> Int {
        try await fetch(.pauseSchedules, [.text(reason), .text(tag), .text(tenant)])[0].int("count")
    }

    /// - Parameter tag: those with it; all of the tenant when nil.
    /// - Returns: how many.
    public func resumeAll(tag: String?, tenant: String?) async throws(PostgresError) -> Int {
        try await fetch(.resumeSchedules, [.text(tag), .text(tenant)])[0].int("count")
    }

    /// Fires it now, beside its times.
    /// - Returns: what became of it, such as `fired` or `skipped: …`.
    public func trigger(_ name: ScheduleName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.triggerSchedule, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    /// Fires the times between two instants that did not fire, both ends included.
    public func backfill(
        _ name: ScheduleName, from: String, until: String, reason: String?
    ) async throws(PostgresError) -> String {
        try await answer(
            .backfillSchedule, [.text(name.name), .text(from), .text(until), .text(reason), .text(name.tenant)])
    }

    /// By tenant and name.
    /// - Parameter limit: 1 to 10,000.
    public func list(
        _ limit: Int, tenant: String? = nil, tag: String? = nil
    ) async throws(PostgresError) -> [ScheduleStatus] {
        try await status(nil, tenant, tag, limit, nil)
    }

    /// Nil when the login sees none of that name.
    public func status(of name: ScheduleName) async throws(PostgresError) -> ScheduleStatus? {
        try await status(name.name, name.tenant, nil, 1, nil).first
    }

    /// The same by its id.
    public func status(id: Int) async throws(PostgresError) -> ScheduleStatus? {
        try await status(nil, nil, nil, 1, id).first
    }

    /// One with its next times, what became of those before, and who did what; nil when the login sees none of that name.
    public func report(_ name: ScheduleName) async throws(PostgresError) -> ScheduleReport? {
        guard let status = try await status(of: name) else { return nil }
        var report = try await report(status)
        report.definition = try await definition(of: status)
        return report
    }

    /// The same by its id, for the operator page: without what it makes, which has texts and addresses.
    public func report(id: Int) async throws(PostgresError) -> ScheduleReport? {
        guard let status = try await status(id: id) else { return nil }
        return try await report(status)
    }

    /// What it makes its campaigns or jobs of, as JSON; a login that only reads is shown none.
    public func definition(of status: ScheduleStatus) async throws(PostgresError) -> String? {
        try await fetch(.scheduleDefinition, [.int(status.id)]).first?.optionalString("definition")
    }

    /// The times between two instants, both included, that fired.
    public func fired(
        _ schedule: ScheduleStatus, from: Instant, until: Instant
    ) async throws(PostgresError) -> Set<Instant> {
        let span = [from, until].map { Parameter.int(Int($0.microseconds)) }
        var times: Set<Instant> = []
        for row in try await fetch(.scheduleFired, [.int(schedule.id)] + span) {
            times.insert(Instant(microseconds: Int64(try row.int("nominal"))))
        }
        return times
    }

    /// What PostgreSQL reads in times and an interval as a person writes them, and its clock.
    public func read(
        first: String? = nil, second: String? = nil, length: String? = nil
    ) async throws(PostgresError) -> ReadTimes {
        try ReadTimes(try await fetch(.readTimes, [.text(first), .text(second), .text(length)])[0])
    }

    private func report(_ status: ScheduleStatus) async throws(PostgresError) -> ScheduleReport {
        var report = ScheduleReport(status)
        for row in try await fetch(.scheduleUpcoming, [.int(status.id), .int(Self.mostUpcoming)]) {
            report.upcoming.append(try ScheduleReport.Time(row))
        }
        for row in try await fetch(.scheduleFires, [.int(status.id), .int(Self.mostFires)]) {
            report.fires.append(try ScheduleReport.Fire(row))
        }
        for row in try await fetch(.scheduleHistory, [.int(status.id), .int(Self.mostDeeds)]) {
            report.history.append(try ScheduleReport.Deed(row))
        }
        return report
    }

    private static let (mostUpcoming, mostFires, mostDeeds) = (10, 20, 50)

    private func answer(_ statement: Statement, _ parameters: [Parameter]) async throws(PostgresError) -> String {
        try await fetch(statement, parameters).first?.string("answer") ?? ""
    }

    private func status(
        _ name: String?, _ tenant: String?, _ tag: String?, _ limit: Int, _ id: Int?
    ) async throws(PostgresError) -> [ScheduleStatus] {
        let parameters: [Parameter] = [.text(name), .text(tenant), .text(tag), .int(limit), .int(id)]
        var found: [ScheduleStatus] = []
        for row in try await fetch(.scheduleStatus, parameters) { found.append(try ScheduleStatus(row)) }
        return found
    }
}

/// Which schedule is meant.
public struct ScheduleName: Sendable, Hashable {
    public var name: String
    /// Nil is the login's own.
    public var tenant: String?

    public init(_ name: String, tenant: String? = nil) {
        self.name = name
        self.tenant = tenant
    }
}

/// What a schedule is made of. What is nil is left to the schema.
public struct NewSchedule: Sendable {
    public var name: ScheduleName
    public var cron, zone: String
    /// JSON: what it makes.
    public var action: String
    public var missed, overlap, onGap, onOverlap: String?
    public var missedLimit: Int?
    /// Intervals as PostgreSQL reads them.
    public var catchUp, jitter, lasts: String?
    /// Times as PostgreSQL reads them.
    public var startsAt, endsAt: String?
    public var tags: [String] = []
    /// Whether it may take the place of one of the same name.
    public var replaces = false

    public init(_ name: ScheduleName, cron: String, zone: String, action: String) {
        self.name = name
        self.cron = cron
        self.zone = zone
        self.action = action
    }

    fileprivate func parameters(reason: String?) -> [Parameter] {
        [
            .text(name.name), .text(cron), .text(zone), .text(action), .text(missed), .int(missedLimit), .text(catchUp),
            .text(overlap), .text(onGap), .text(onOverlap), .text(jitter), .text(lasts), .text(startsAt), .text(endsAt),
            .textArray(tags), .bool(replaces), .text(reason), .text(name.tenant),
        ]
    }
}

/// Times and an interval that a person wrote, as PostgreSQL reads them.
public struct ReadTimes: Sendable {
    /// By the database's clock.
    public var present: Instant
    public var first, second: Instant?
    public var length: Duration?

    fileprivate init(_ row: Row) throws(PostgresError) {
        present = Instant(microseconds: Int64(try row.int("present")))
        first = try row.optionalInt("first").map { Instant(microseconds: Int64($0)) }
        second = try row.optionalInt("second").map { Instant(microseconds: Int64($0)) }
        length = try row.optionalInt("length").map { .microseconds($0) }
    }
}

extension Statement {
    static let createSchedule = Schema.statement("create_schedule")
    static let dropSchedule = Schema.statement("drop_schedule")
    static let pauseSchedule = Schema.statement("pause_schedule")
    static let resumeSchedule = Schema.statement("resume_schedule")
    static let pauseSchedules = Schema.statement("pause_schedules")
    static let resumeSchedules = Schema.statement("resume_schedules")
    static let triggerSchedule = Schema.statement("trigger_schedule")
    static let backfillSchedule = Schema.statement("backfill_schedule")
    static let scheduleStatus = Schema.statement("schedule_status")
    static let scheduleUpcoming = Schema.statement("schedule_upcoming")
    static let scheduleDefinition = Schema.statement("schedule_definition")
    static let scheduleFires = Schema.statement("schedule_fires")
    static let scheduleFired = Schema.statement("schedule_fired")
    static let scheduleHistory = Schema.statement("schedule_history")
    static let readTimes = Schema.statement("read_times")
}
