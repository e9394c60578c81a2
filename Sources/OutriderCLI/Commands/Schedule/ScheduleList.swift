import ArgumentParser
import Foundation
import Insight
import Postgres

struct ScheduleList: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "list", "List schedules: what each says, when it fires next, and what became of its last time.",
        "By tenant and name. The note says why one stands still, or what went wrong.",
        example: "list --json | jq '.[] | select(.last_outcome == \"failed\") | .name'")

    @Option(help: "Only those of this tenant.") var tenant: String?
    @Option(help: "Only those with this tag.") var tag: String?
    @Option(help: "How many at most, 1 to 10000.") var limit = 100
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func perform() async throws {
        let schedules = try await DatabaseVisit.make(as: "schedule list") { pool in
            try await Schedules(pool).list(limit, tenant: tenant, tag: tag)
        }
        if json { return try Console.json(schedules) }
        guard !schedules.isEmpty else { return Console.note("There is no schedule.") }
        var table = Table("schedule", "tenant", "state", "says", "zone", "next (UTC)", "last (UTC)", "became", "note")
        for schedule in schedules {
            table.add(
                schedule.name, schedule.tenant, schedule.state, schedule.saying, schedule.zone,
                schedule.nextRun ?? "", schedule.lastRun ?? "", schedule.lastOutcome ?? "", schedule.note)
        }
        try Console.data(table.text)
    }
}

struct ScheduleShow: OutriderCommand {
    static let configuration = ScheduleCommand.about(
        "show", "Show one schedule: its rules, its next times, what became of the last ones, and who did what.",
        "Of a time that did not fire the reason is there. `next` tells more times.", example: "show weekly")

    @OptionGroup var schedule: ScheduleOptions
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let report = try await DatabaseVisit.make(as: "schedule show") { pool in
            try await Schedules(pool).report(schedule.schedule)
        }
        guard let report else { throw ScheduleOptions.missing }
        if json { try Console.json(report) } else { try Console.data(ScheduleText(report).text) }
    }
}

/// A schedule for a person at a terminal.
struct ScheduleText {
    private let report: ScheduleReport
    private var status: ScheduleStatus { report.status }

    init(_ report: ScheduleReport) { self.report = report }

    var text: String { [head, rules, upcoming, fires, history].compactMap(\.self).joined(separator: "\n\n") }

    private var head: String {
        let state = [status.state, status.state == "paused" ? status.pausedReason : ""].filter { !$0.isEmpty }
        var lines = [
            "\(status.name): \(state.joined(separator: ", "))", "\(status.saying), \(status.zone) (\(status.cron))",
        ]
        if let problem = status.problem { lines.append("PROBLEM: \(problem)") }
        lines.append("makes a \(status.action): \(report.definition ?? "")")
        return lines.joined(separator: "\n")
    }

    private var rules: String {
        let rules = status.rules
        var table = Table("rule", "is")
        table.add("missed", rules.missed == "all" ? "all, at most \(rules.missedLimit)" : rules.missed)
        table.add("catch_up", rules.catchUp ?? "the usual")
        table.add("overlap", rules.overlap)
        table.add("on_gap", rules.onGap)
        table.add("on_overlap", rules.onOverlap)
        table.add("jitter", rules.jitter)
        if let lasts = rules.lasts { table.add("lasts", lasts) }
        if let ends = rules.ends { table.add("ends (UTC)", ends) }
        if !status.tags.isEmpty { table.add("tags", status.tags.joined(separator: ", ")) }
        table.add("login", status.login)
        return table.text
    }

    private var upcoming: String? {
        guard !report.upcoming.isEmpty else {
            return status.words.isEmpty ? "No worker has read it yet: start one, or ask `outrider schedule next`." : nil
        }
        var table = Table("next by the clock there", "UTC", "fires (UTC)")
        for time in report.upcoming { table.add(time.local, time.nominal, time.fires) }
        return table.text
    }

    private var fires: String? {
        guard !report.fires.isEmpty else { return "None of its times has come yet." }
        var table = Table("time (UTC)", "decided (UTC)", "became", "by", "login", "made", "reason")
        for fire in report.fires {
            table.add(fire.nominal, fire.decided, fire.outcome, fire.cause, fire.login, fire.made, fire.reason)
        }
        return table.text
    }

    private var history: String? {
        guard !report.history.isEmpty else { return nil }
        var table = Table("at (UTC)", "who", "did", "why")
        for deed in report.history { table.add(deed.at, deed.who, deed.what, deed.reason) }
        return table.text
    }
}
