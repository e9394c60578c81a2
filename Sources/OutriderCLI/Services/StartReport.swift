import Logging
import Postgres

/// What the database says of itself, of its senders and of this login, when a process starts.
struct StartReport {
    let metadata: Logger.Metadata
    private let held: [String]

    init(_ pool: PostgresPool) async throws(PostgresError) {
        let version = try await pool.fetch(.doctorServer)[0].int("version")
        held = try await pool.fetch(.doctorRoles)[0].textArray("held").compactMap(\.self)
        var senders: [String] = []
        // Only Outrider's own roles may look.
        if !held.isEmpty {
            for row in try await pool.fetch(.doctorSenders) {
                senders.append("\(try row.string("channel")) \(try row.int("enabled"))")
            }
        }
        metadata = [
            "database": "PostgreSQL \(version / 10_000).\(version % 10_000)",
            "senders": "\(senders.joined(separator: ", "))",
        ]
    }

    func lacking(_ roles: [String]) -> String? {
        let lacking = roles.filter { !held.contains($0) }
        return lacking.isEmpty ? nil : DatabaseRole.lacking(lacking, held: held)
    }
    /// Why people cannot act through this pool; nil when they can.
    static func obstacle(to operators: PostgresPool) async -> String? {
        do throws(PostgresError) {
            return try await StartReport(operators).lacking([DatabaseRole.operators])
        } catch {
            return error.description
        }
    }
}
