import Delivery
import Foundation
public import Postgres

/// Reads what waits for a person.
public struct HeldJobs: Sendable {
    private let database: PostgresPool

    public init(_ database: PostgresPool) {
        self.database = database
    }

    /// Those that wait longest come first.
    /// - Parameter limit: 1 to 1,000.
    public func oldest(_ limit: Int) async throws(PostgresError) -> [HeldJob] {
        var jobs: [HeldJob] = []
        for row in try await database.fetch(.heldJobs, [.int(limit)]) { jobs.append(try HeldJob(row)) }
        return jobs
    }

    /// Says for a held job what nobody could know; audited under the login's name.
    /// - Returns: what follows, in words.
    /// - Throws: with SQLSTATE P0002 when there is no such job, 55000 when it is not held.
    public func release(job: Int, asSent: Bool, reason: String) async throws(PostgresError) -> String {
        try await database.fetch(.releaseHeld, [.int(job), .bool(asSent), .text(reason)]).first?.string("result") ?? ""
    }
}

extension HeldJob {
    fileprivate init(_ row: Row) throws(PostgresError) {
        let channel = try row.string("channel")
        let address = try row.string("address")
        let shape = channel == "email" ? Redaction.emailAddress(address) : Redaction.phoneNumber(address)
        let json = Data(try row.string("evidence").utf8)
        self.init(
            job: try row.int("job_id"), tenant: try row.string("tenant"), category: try row.string("category"),
            ladder: try row.string("ladder"), attempt: try row.int("generation"), step: try row.int("step"),
            channel: channel, sender: try row.string("sender"), address: shape.description,
            heldAt: try row.string("held_at"), reason: try row.string("reason"),
            evidence: (try? JSONDecoder().decode([Evidence].self, from: json)) ?? [])
    }
}
