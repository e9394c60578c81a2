import ArgumentParser
import Insight
import Postgres

struct Timeline: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything that happened to one job, in order, with reasons.",
        discussion: """
            Decisions, attempts, answers and receipts; of an address its shape, and with OUTRIDER_HASH_KEY its hash; no text. A login sees its own \
            tenant's jobs, Outrider's own roles see all.

            Example: outrider timeline 4711

            \(ExitStatus.help)
            """)

    @Argument(help: "The job's id.") var id: Int
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let names = try await HashSettings.names()
        let timeline = try await DatabaseVisit.make(as: "timeline") { pool in
            var timeline = try await ifVisible { () async throws(PostgresError) in
                try await Overview(pool).timeline(jobID: id)
            }
            // An application's login may not read it, and needs no telling.
            timeline?.recipients = (try? await PersonSearch(pool, names: names).recipients(of: id)) ?? []
            return timeline
        }
        guard let timeline else { throw Failure.noJob }
        if json { try Console.json(timeline) } else { try Console.data(Self.text(timeline)) }
    }

    private static func recipients(_ timeline: JobTimeline) -> String {
        timeline.recipients.isEmpty ? "" : "to " + timeline.recipients.joined(separator: " and ")
    }

    private static func text(_ timeline: JobTimeline) -> String {
        let job = timeline.job
        let about = ["job \(job.id)", job.kind, job.ladder, job.category, job.state, Self.recipients(timeline)]
            .filter { !$0.isEmpty }
        var table = Table("at (UTC)", "attempt", "channel", "event", "detail")
        for event in timeline.events {
            table.add(
                event.at, event.attempt == 0 ? "" : String(event.attempt), event.channel, event.event, event.detail)
        }
        return [about.joined(separator: ", "), timeline.why, table.text].joined(separator: "\n")
    }
}
