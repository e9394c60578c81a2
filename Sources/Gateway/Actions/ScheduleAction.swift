import Delivery
import FoundationEssentials
import Insight
import JobQueue
import Postgres
import Signing

/// What a person may do to a schedule on its page; each asks first. A further one is a further case.
enum ScheduleAction: String, Sendable, CaseIterable {
    case pause, resume, trigger, backfill, drop

    /// On the way to the page that asks.
    var label: String {
        switch self {
        case .pause: "Pause"
        case .resume: "Resume"
        case .trigger: "Trigger"
        case .backfill: "Backfill"
        case .drop: "Drop"
        }
    }

    /// On the button of the page that asks.
    var confirmation: String {
        switch self {
        case .pause, .resume: label
        case .trigger: "Fire it now"
        case .backfill: "Fire these times"
        case .drop: "Drop the schedule"
        }
    }

    /// What it means, on the page that asks.
    var meaning: String {
        switch self {
        case .pause:
            "No time fires until it is resumed. Each that passes is kept with the reason. What was made goes on."
        case .resume:
            "It fires again from its next time on. Times that passed while it was paused do not fire: a backfill fires them."
        case .trigger: "It fires once, beside its times, paused or not. Its rule for overlaps holds."
        case .backfill:
            "A worker fires the times that have passed and did not fire, in order, each once. What was made before may still go "
                + "on. While the schedule is paused, it waits."
        case .drop:
            "It ends for good and fires no more. What it has made goes on, and what became of its times is kept."
        }
    }

    func isOffered(for schedule: ScheduleStatus) -> Bool {
        switch self {
        case .pause: schedule.state == "running"
        case .resume: schedule.state == "paused"
        case .trigger, .backfill, .drop: true
        }
    }

    /// Whether it can be done to all of a tenant, or to those with a tag.
    var isForMany: Bool {
        switch self {
        case .pause, .resume: true
        case .trigger, .backfill, .drop: false
        }
    }

    /// Whether it keeps a reason, and whether it must have one.
    var takesReason: Bool { self != .resume }
    var needsReason: Bool {
        switch self {
        case .pause, .resume: false
        case .trigger, .backfill, .drop: true
        }
    }

    func act(
        on name: ScheduleName, _ span: BackfillSpan?, _ form: FormParameters, through schedules: Schedules
    ) async throws(PostgresError) -> String {
        let reason = form.reason
        switch self {
        case .pause: return try await schedules.pause(name, reason: reason)
        case .resume: return try await schedules.resume(name)
        case .trigger: return try await schedules.trigger(name, reason: reason)
        case .backfill:
            return try await schedules.backfill(
                name, from: span?.from ?? "", until: span?.until ?? "", reason: reason)
        case .drop: return try await schedules.drop(name, reason: reason)
        }
    }
}

/// Schedules of a tenant: those with a tag, or all.
struct ScheduleTags: Sendable {
    var tenant: String
    /// Nil is all.
    var tag: String?

    init?(_ query: FormParameters) {
        guard let tenant = query["tenant"], !tenant.isEmpty else { return nil }
        (self.tenant, tag) = (tenant, query["tag"].flatMap { $0.isEmpty ? nil : $0 })
    }

    var query: String { FormParameters([("tenant", tenant), ("tag", tag ?? "")]).encoded(space: .percent) }
}

/// From when until when times are to fire that have passed, as a person wrote it.
struct BackfillSpan: Sendable {
    var from, until: String

    /// Nil when none is named.
    init?(_ query: FormParameters) {
        guard let from = query["from"], let until = query["until"] else { return nil }
        (self.from, self.until) = (from, until)
    }

    var query: String { FormParameters([("from", from), ("until", until)]).encoded(space: .percent) }
}

/// What a backfill would fire.
struct BackfillOutlook: Sendable {
    /// Times of the span, and those of them that fired already. There are more than `most` when `hasMore`.
    var times, fired: Int
    var hasMore: Bool
    /// The first that would fire.
    var first: [ScheduledTime]

    /// Counting more makes a visitor wait, and says no more.
    static let most = 10_000

    /// - Returns: the outlook, or what is wrong with the span.
    static func make(
        of span: inout BackfillSpan, _ status: ScheduleStatus, _ database: PostgresPool
    ) async throws(PostgresError) -> Result<BackfillOutlook, Refusal> {
        let schedules = Schedules(database)
        let read = try await schedules.read(first: span.from, second: span.until)
        guard let schedule = status.schedule else {
            return .failure(Refusal(text: "This version of Outrider cannot read the expression."))
        }
        guard let first = read.first, let last = read.second, first <= last, last <= read.present,
            first.duration(to: last) <= .seconds(366 * 86_400)
        else {
            return .failure(
                Refusal(text: "Give two times, the first before the second, both past, at most 366 days apart."))
        }
        let found = try await ScheduleTimes(database).find(
            of: schedule, zone: status.zone, from: first, until: last.advanced(by: .microseconds(1)), atMost: most + 1)
        let fired = try await schedules.fired(status, from: first, until: last)
        let times = (found ?? []).prefix(most)
        let left = times.filter { !fired.contains($0.tick.nominal) }
        // What was counted is what fires, however a time such as "yesterday" is read later.
        (span.from, span.until) = (Wall.iso(first), Wall.iso(last))
        return .success(
            BackfillOutlook(
                times: times.count, fired: times.count - left.count, hasMore: (found ?? []).count > most,
                first: Array(left.prefix(3))))
    }

    struct Refusal: Error { let text: String }
}
