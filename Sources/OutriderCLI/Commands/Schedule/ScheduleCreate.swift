import ArgumentParser
import Delivery
import Foundation
import Insight
import JobQueue
import Postgres

struct ScheduleCreate: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a schedule, or change one, and print its id.",
        discussion: """
            It says in words what it was told and when it fires next, then makes it. It fires from now on, never for the \
            past. --campaign copies what a campaign says and to whom, as it is now; each time makes a campaign of its \
            own. --action is what outrider.create_schedule() takes: {"campaign": {…}} or {"job": {…}}, or @ and the name \
            of a file that has it.

            Examples:
              outrider schedule create weekly --cron '0 9 * * MON' --zone Europe/Warsaw \\
                --campaign spring --lasts '10 hours'
              outrider schedule create watch --cron '*/15 * * * *' --zone UTC --missed skip \\
                --action '{"job": {"channel": "sms", "address": "+15005550010",
                                   "body": "Is pump 3 well?", "category": "alert"}}'

            \(ExitStatus.help)
            """)

    @OptionGroup var schedule: ScheduleOptions
    @Option(help: "Minute, hour, day of month, month, day of week, as crontab(5) has them.") var cron: String
    @Option(help: "The time zone, for example Europe/Warsaw.") var zone: String
    @Option(help: "Make campaigns like this one.") var campaign: String?
    @Option(help: "What it makes: JSON, or @FILE.") var action: String?
    @Option(help: "Of times that passed while no worker ran: none fires (skip), the last (latest, the usual), or all.")
    var missed: String?
    @Option(help: "With --missed all: at most so many, 1 to 1000; 10 is the usual.") var missedLimit: Int?
    @Option(help: "How late a time may still fire, for example '2 hours'.") var catchUp: String?
    @Option(help: "When what it made before has not ended: allow, skip, wait_one or cancel_previous.")
    var overlap: String?
    @Option(help: "When the clock is set forward over its time: at_change (the usual) or skip.") var onGap: String?
    @Option(help: "When the clock shows its time twice: first (the usual), second or both.") var onOverlap: String?
    @Option(help: "It fires up to so much later, for example '10 minutes'.") var jitter: String?
    @Option(help: "So long after its time what it makes still sends, for example '10 hours'.") var lasts: String?
    @Option(help: "It does not fire before this time.") var starts: String?
    @Option(help: "It does not fire from this time on.") var ends: String?
    @Option(name: .customLong("tag"), help: "A word to pause and resume it by; may be repeated.") var tags: [String] =
        []
    @Flag(help: "Change the schedule of this name, if there is one.") var replace = false
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (campaign == nil) != (action == nil) else {
            throw ValidationError("Give --campaign or --action, one of them.")
        }
        try ClockChangeRule.check(onGap, onOverlap)
    }

    private struct Result: Encodable {
        let id: Int
        let words, zone: String
        let times: [ScheduledTime]
    }

    func perform() async throws {
        let cron = try CronExpression(cron)
        let new = try wanted()
        let result = try await DatabaseVisit.make(as: "schedule create") { pool in
            let schedules = Schedules(pool)
            let known = try await schedules.status(of: schedule.schedule)
            let jitter = try await schedules.read(length: jitter).length ?? .zero
            var planned = Schedule(id: known?.id ?? 0, cron: cron, clockChange: rule, jitter: jitter)
            let times = try await next(of: &planned, pool)
            if !json { Console.note(telling(planned, times, isNew: known == nil)) }
            planned.id = try await schedules.create(new, reason: why.reason)
            // The jitter goes by the id.
            return Result(
                id: planned.id, words: cron.words, zone: zone, times: try await next(of: &planned, pool))
        }
        if json { try Console.json(result) } else { try Console.data(String(result.id)) }
    }

    private var rule: ClockChangeRule {
        ClockChangeRule(
            gap: onGap.flatMap { .init(rawValue: $0) } ?? .atChange,
            overlap: onOverlap.flatMap { .init(rawValue: $0) } ?? .first)
    }

    private func next(of planned: inout Schedule, _ pool: PostgresPool) async throws -> [ScheduledTime] {
        let span = try await Schedules(pool).read(first: starts, second: ends)
        planned.endsAt = span.second
        let from = max(span.first ?? span.present, span.present)
        return try await ScheduleTimes(pool).times(of: planned, zone: zone, from: from, atMost: 5)
    }

    /// What it says, before it is made.
    private func telling(_ planned: Schedule, _ times: [ScheduledTime], isNew: Bool) -> String {
        let isJittered = planned.jitter > .zero
        var table = Table("by the clock there", "UTC", isJittered && isNew ? "fires (UTC) by" : "fires (UTC)")
        for time in times {
            // Of one that has no id yet, only the latest moment is known.
            let latest = Wall.utc(time.tick.nominal.advanced(by: planned.jitter))
            table.add(time.local, time.nominal, isNew ? latest : time.fires)
        }
        return "\(schedule.name): \(planned.cron.words), \(zone)\n\(table.text)"
    }

    private func wanted() throws -> NewSchedule {
        var new = NewSchedule(schedule.schedule, cron: cron, zone: zone, action: try actionJSON())
        (new.missed, new.missedLimit, new.catchUp) = (missed, missedLimit, catchUp)
        (new.overlap, new.onGap, new.onOverlap, new.jitter) = (overlap, onGap, onOverlap, jitter)
        (new.lasts, new.startsAt, new.endsAt) = (lasts, starts, ends)
        (new.tags, new.replaces) = (tags, replace)
        return new
    }

    private func actionJSON() throws -> String {
        if let campaign {
            let like = ["campaign": ["like": campaign]]
            return String(decoding: try JSONEncoder().encode(like), as: UTF8.self)
        }
        guard let action, action.hasPrefix("@") else { return action ?? "" }
        let path = String(action.dropFirst())
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure("\(path) cannot be read as UTF-8", .refused)
        }
        return text
    }
}
