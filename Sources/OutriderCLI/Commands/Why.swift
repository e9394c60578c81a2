import ArgumentParser
import Insight
import Postgres

struct Why: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say in one sentence why a job was sent, was not, or waits.",
        discussion: """
            What decided it, what the provider's code means, and what a person can do about it. No whole address and no \
            text of the message. `outrider timeline` shows all that happened. In SQL: select outrider.why(4711). A login \
            sees its own tenant's jobs, Outrider's own roles see all.

            Example: outrider why 4711

            \(ExitStatus.help)
            """)

    @Argument(help: "The job's id.") var id: Int
    @Flag(help: "Print JSON.") var json = false

    private struct Answer: Encodable {
        let job: Int
        let why: String
    }

    func perform() async throws {
        let why = try await DatabaseVisit.make(as: "why") { pool in
            try await ifVisible { () async throws(PostgresError) in try await Overview(pool).why(jobID: id) }
        }
        guard let why else { throw Failure.noJob }
        if json { try Console.json(Answer(job: id, why: why)) } else { try Console.data(why) }
    }
}

/// A job that the login may not see is not there for it.
func ifVisible<Value: Sendable>(
    _ read: () async throws(PostgresError) -> Value?
) async throws(PostgresError) -> Value? {
    do throws(PostgresError) {
        return try await read()
    } catch {
        guard error.sqlState == SQLState("P0002") else { throw error }  // no_data_found: outrider.visible_job
        return nil
    }
}

extension Failure {
    /// Without the number: it may be a telephone's, put in the wrong place.
    static let noJob = Failure("there is no job of this number that this login may see", .noSuchJob)
}
