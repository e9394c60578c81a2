import ArgumentParser
import Insight

struct Status: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show where all jobs stand, as tables and a picture.",
        discussion: """
            Jobs that have not ended by state, those that ended in the last 24 hours by outcome and channel, workers, and \
            the newest jobs. Needs a login with the role outrider_operator, outrider_worker or outrider_gateway.

            Examples: outrider status --watch
                      outrider status --json | jq .held

            \(ExitStatus.help)
            """)

    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Print again every 2 seconds until interrupted.") var watch = false
    @Option(help: "How many of the newest jobs to list, 0 to 1000.") var recent = 10

    func validate() throws {
        guard (0...1_000).contains(recent) else { throw ValidationError("--recent is 0 to 1000.") }
    }

    func perform() async throws {
        try await DatabaseVisit.make(as: "status") { pool in
            let overview = Overview(pool, deadline: .seconds(10))
            repeat {
                var summary = try await overview.summary(recentJobs: recent)
                if let refusal = await overview.refusedWrite(beside: summary.troubles) {
                    summary.troubles.append(refusal)
                }
                if watch, !json, Console.isTerminal { try Console.data("\u{1B}[H\u{1B}[2J") }
                if json { try Console.json(summary) } else { try Console.data(SummaryText(summary).text) }
                if watch { try await Task.sleep(for: .seconds(2)) }
            } while watch
        }
    }
}
