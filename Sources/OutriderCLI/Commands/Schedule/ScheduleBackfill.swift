import ArgumentParser
import Delivery
import Insight
import JobQueue
import Postgres

struct ScheduleBackfill: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Fire times that have passed and did not fire.",
        discussion: """
            Without --yes it only says how many times there are from FROM to UNTIL, both included, and how many of them \
            fired already. With --yes a worker fires the others, in order, each once. What it made before may still go \
            on. At most 366 days at once.

            Examples: outrider schedule backfill weekly 2026-11-01 2026-11-20
                      outrider schedule backfill weekly 2026-11-01 2026-11-20 --yes --reason 'the database was down'

            \(ExitStatus.help)
            """)

    @Argument(help: "The schedule's name.") var name: String
    @Argument(help: "The first time, for example '2026-11-01 09:00+01'; in UTC where no offset stands.") var from:
        String
    @Argument(help: "The last time.") var until: String
    @Option(help: "Whose it is, where that is not this login's own tenant.") var tenant: String?
    @Flag(help: "Do it.") var yes = false
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    private struct Outlook: Encodable {
        let schedule: String
        /// Times of the span, and those of them that fired.
        let times, fired: Int
        var result: String?

        var text: String {
            let left = times - fired
            return
                "\(schedule): \(times) time\(times == 1 ? "" : "s"), of which \(fired) fired already; \(left) would fire"
        }
    }

    func perform() async throws {
        let outlook = try await DatabaseVisit.make(as: "schedule backfill") { pool in
            let schedules = Schedules(pool)
            var outlook = try await self.outlook(schedules, ScheduleTimes(pool))
            if !json { try Console.data(outlook.text) }
            guard yes else { return outlook }
            outlook.result = try await schedules.backfill(
                ScheduleName(name, tenant: tenant), from: from, until: until, reason: why.reason)
            return outlook
        }
        if json { return try Console.json(outlook) }
        try Console.data(outlook.result ?? "Nothing was changed. To fire them: the same with --yes")
    }

    private func outlook(_ schedules: Schedules, _ times: ScheduleTimes) async throws -> Outlook {
        guard let status = try await schedules.status(of: ScheduleName(name, tenant: tenant)) else {
            throw ScheduleOptions.missing
        }
        let span = try await schedules.read(first: from, second: until)
        guard let schedule = status.schedule, let first = span.first, let last = span.second else {
            throw Failure("this version of outrider cannot read the expression \(status.cron)", .refused)
        }
        guard first.duration(to: last) <= .seconds(366 * 86_400) else {
            throw Failure("a backfill is of at most 366 days", .refused)
        }
        let found = try await times.times(
            of: schedule, zone: status.zone, from: first, until: last.advanced(by: .microseconds(1)), atMost: .max)
        let fired = try await schedules.fired(status, from: first, until: last)
        let count = found.count { fired.contains($0.tick.nominal) }
        return Outlook(schedule: name, times: found.count, fired: count)
    }
}
