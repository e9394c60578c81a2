import ArgumentParser
import Delivery
import Insight
import Postgres

struct Release: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decide about a job that waits for a person: its send was taken, or it was not.",
        discussion: """
            With --sent its receipt is waited for, and the ladder goes on when none comes; with --not-sent the step is \
            tried again. Look at `outrider held` and in the provider's console first. The decision, the login's name \
            and the reason stay in the job's timeline; two people who disagree count as sent. Needs a login with the \
            role outrider_operator.

            Example: outrider release 4711 --not-sent --reason 'no trace in the console'

            \(ExitStatus.help)
            """)

    enum Ruling: String, EnumerableFlag {
        case sent
        case notSent
    }

    @Argument(help: "The job's id.") var id: Int
    @Flag(help: "Whether the provider took it.") var ruling: Ruling
    @Option(help: "Why you think so, 1 to 500 characters.") var reason: String
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 500 else {
            throw ValidationError("--reason is 1 to 500 characters, not only spaces.")
        }
    }

    private struct Result: Encodable {
        let job: Int
        let ruling: String
        let result: String
    }

    func perform() async throws {
        let result = try await DatabaseVisit.make(as: "release") { pool in try await release(in: pool) }
        let word = JobEvent.released(asSent: ruling == .sent).columns.status
        if json { try Console.json(Result(job: id, ruling: word, result: result)) } else { try Console.data(result) }
    }

    private func release(in pool: PostgresPool) async throws -> String {
        do throws(PostgresError) {
            return try await HeldJobs(pool).release(job: id, asSent: ruling == .sent, reason: reason)
        } catch {
            guard error.sqlState == SQLState("P0002") else { throw error }  // no_data_found: outrider.visible_job
            throw Failure.noJob
        }
    }
}
