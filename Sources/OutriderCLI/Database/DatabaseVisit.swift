import Postgres
import Schema

/// A command's short visit to the database.
enum DatabaseVisit {
    /// Runs `body` with a pool of so many connections and closes it afterwards.
    static func make<Value>(
        as name: String, poolSize: Int = 1, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let settings = try await Environment.settings { DatabaseSettings(&$0) }
        for sentence in Environment.takeUnknown() { Console.note("outrider: \(sentence)") }
        let pool = PostgresPool(settings.configuration(named: "outrider \(name)", poolSize: poolSize))
        do {
            // A pool waits for a database that may come; a person at a terminal wants to know.
            _ = try await pool.fetch(.serverAnswers, deadline: .seconds(5))
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension Statement {
    static let serverAnswers = Schema.statement("server_answers")
    static let jobOfKey = Schema.statement("job_of_key")
    static let insertDevelopmentSenders = Schema.statement("insert_development_senders")
    static let setAnywhere = Schema.statement("set_anywhere")
    static let setShard = Schema.statement("set_shard")
    static let wishCount = Schema.statement("wish_count")
    static let doctorServer = Schema.statement("doctor_server")
    static let doctorRoles = Schema.statement("doctor_roles")
    static let doctorSettings = Schema.statement("doctor_settings")
    static let doctorPublications = Schema.statement("doctor_publications")
    static let doctorSenders = Schema.statement("doctor_senders")
}
