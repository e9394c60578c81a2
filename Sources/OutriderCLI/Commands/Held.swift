import ArgumentParser
import Insight

struct Held: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the jobs that wait for a person, with the evidence.",
        discussion: """
            A job is held when nobody can say whether its last send was taken and its policy allows no second one, or \
            when its sender or account needs an operator. Each comes with what was learnt: the answer, the listings of \
            the provider's messages and what they showed. Decide with `outrider release`. Numbers are shown by their \
            shape, texts never. Needs a login with the role outrider_operator.

            Examples: outrider held
                      outrider held --json | jq '.[] | select(.channel == "sms") | .job'

            \(ExitStatus.help)
            """)

    @Flag(help: "Print JSON.") var json = false
    @Option(help: "How many to list at most, those that wait longest first, 1 to 1000.") var limit = 100

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
    }

    func perform() async throws {
        let names = try await HashSettings.names()
        let jobs = try await DatabaseVisit.make(as: "held") { pool in
            try await HeldJobs(pool, names: names).oldest(limit)
        }
        if json { return try Console.json(jobs) }
        guard !jobs.isEmpty else { return Console.note("No job waits for a person.") }
        try Console.data(jobs.map(Self.text).joined(separator: "\n\n"))
        if jobs.count == limit { Console.note("There may be more: see --limit.") }
    }

    private static func text(_ job: HeldJob) -> String {
        let about = ["job \(job.job)", job.ladder, job.category, "held since \(job.heldAt)"].filter { !$0.isEmpty }
        let send =
            ["attempt \(job.attempt)", "step \(job.step)", job.channel, "to \(job.address)"]
            + (job.sender.isEmpty ? [] : ["by \(job.sender)"])
        var table = Table("at (UTC)", "event", "detail")
        for fact in job.evidence { table.add(fact.at, fact.event, fact.detail) }
        return [about.joined(separator: ", "), send.joined(separator: ", "), "why: \(job.reason)", table.text]
            .joined(separator: "\n")
    }
}
